"""The operations: what was sent, to a status and an answer."""

from __future__ import annotations

import hmac
import json
import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from os import urandom
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from benchmarks.limit import statements as sql
from benchmarks.limit import tokens
from benchmarks.limit.answers import SERVER_KEY, Answer, is_aal2, session, user_object
from benchmarks.limit.statements import Row
from lingauth.conf import settings
from lingauth.core import refresh

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_REFUSED: Answer = (401, {"code": "refused"})


def orders(bearer: str) -> Answer:
    """The gated read: token, session, account, policy, level."""
    now = datetime.now(UTC)
    claims = tokens.read(bearer, now.timestamp())
    found = sql.row(sql.GATE, UUID(claims["session_id"])) if claims else None
    if claims is None or found is None or not _is_alive(found, now):
        return _REFUSED
    if str(found["uuid"]) != claims["sub"]:
        return _REFUSED
    aal2 = is_aal2(found, now)
    started = found["mfa_starts_at"] is None or found["mfa_starts_at"] <= now
    if not aal2 and found["mfa_mode"] == "required" and started:
        step = "challenge" if found["has_factor"] else "enroll"
        return 403, {"code": "mfa_required", "details": {"next": step}}
    return 200, {"ok": True, "level": "aal2" if aal2 else "aal1"}


def renew(apikey: str, body: dict[str, Any]) -> Answer:
    """Refresh: one read, one guarded UPDATE, the whole answer."""
    now = datetime.now(UTC)
    claim = refresh.decode(body["refresh_token"])
    found = sql.row(sql.BY_SESSION, claim.session_id, _digest(apikey)) if claim else None
    if claim is None or found is None or found["key"] is None or not _is_alive(found, now):
        return _REFUSED
    if not claim.is_authentic(refresh.Kind.REFRESH, found["secret"], [SERVER_KEY]):
        return _REFUSED
    if claim.counter != found["generation"]:
        return _REFUSED
    if not sql.changed(sql.ADVANCE, now, now, found["session_id"], claim.counter):
        return _REFUSED
    found["generation"] += 1
    found["refreshed_at"] = now
    return session(found, now)


def verify(apikey: str, bearer: str, body: dict[str, Any]) -> Answer:
    """A code: the guess is counted, then in one statement step, session, guess and event."""
    now = datetime.now(UTC)
    claims = tokens.read(bearer, now.timestamp())
    found = sql.row(sql.BY_SESSION, UUID(claims["session_id"]), _digest(apikey)) if claims else None
    if claims is None or found is None or found["key"] is None or not _is_alive(found, now):
        return _REFUSED
    guess = _digest(f"totp {found['user_id']}")
    if not sql.row(sql.CLAIM, guess, "totp", found["backend_id"], found["id"], now):
        return 429, {}
    factor, step = _match(found, body["code"], now)
    if factor is None:
        return _REFUSED
    methods = [{"method": "totp", "timestamp": int(now.timestamp())}, *found["methods"]]
    proven = sql.changed(
        sql.PROVE,
        now=now,
        factor=factor["id"],
        step=step,
        session=found["session_id"],
        generation=found["generation"],
        elevations=found["elevations"],
        methods=json.dumps(methods),
        guess=guess,
        **_event(found, {"factor": factor["uuid"]}),
    )
    if not proven:
        return _REFUSED
    found["generation"] += 1
    found["verified_at"] = found["refreshed_at"] = now
    found["methods"] = methods
    return session(found, now)


def sign_in(apikey: str, body: dict[str, Any]) -> Answer:
    """A password: the guess is counted, compared, then in one statement all that is written."""
    now = datetime.now(UTC)
    key = body["email"].casefold()
    found = sql.row(sql.BY_ADDRESS, key, _digest(apikey))
    if found is None or found["key"] is None:
        return _REFUSED
    guess = _digest(f"password {key}")
    if not sql.row(sql.CLAIM, guess, "password", found["backend_id"], found["id"], now):
        return 429, {}
    if not _is_password(found["password"], body["password"]) or not found["is_active"]:
        return _REFUSED
    methods = [{"method": "password", "timestamp": int(now.timestamp())}]
    found |= {
        "session_id": uuid4(),
        "secret": urandom(32),
        "generation": 1,
        "verified_at": None,
        "refreshed_at": now,
        "methods": methods,
        "expires_at": now + timedelta(seconds=found["session_max_age"]),
    }
    begun = sql.changed(
        sql.SIGN_IN,
        now=now,
        account=found["id"],
        password_changed_at=found["password_changed_at"],
        email_key=found["email_key"],
        session=found["session_id"],
        secret=found["secret"],
        methods=json.dumps(methods),
        expires_at=found["expires_at"],
        guess=guess,
        **_event(found, {"method": "password"}),
    )
    if not begun:
        return _REFUSED
    found["last_sign_in_at"] = now
    return session(found, now)


def user(apikey: str, bearer: str) -> Answer:
    """The account, its factors and identities, in one read."""
    now = datetime.now(UTC)
    claims = tokens.read(bearer, now.timestamp())
    found = sql.row(sql.BY_SESSION, UUID(claims["session_id"]), _digest(apikey)) if claims else None
    if found is None or found["key"] is None or not _is_alive(found, now):
        return _REFUSED
    return 200, user_object(found)


def _is_alive(found: Row, now: datetime) -> bool:
    banned = found["banned_until"]
    barred = found["deleted_at"] is not None or (banned is not None and now < banned)
    return (
        found["ended_at"] is None
        and now < found["expires_at"]
        and found["is_active"]
        and not barred
    )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _is_password(stored: str, given: str) -> bool:
    if stored.startswith("free$"):
        return hmac.compare_digest(stored, f"free${given}")
    try:
        return _hasher.verify(stored.removeprefix("argon2"), given)
    except VerifyMismatchError:
        return False


def _match(found: Row, code: str, now: datetime) -> tuple[Row | None, int]:
    current = int(now.timestamp()) // 30
    for factor in found["factors"]:
        bound = f"{found['backend_id']}/{factor['user_id']}/{factor['uuid']}".encode()
        secret = settings.keychain.decrypt(
            "totp secret", bytes.fromhex(factor["secret"]), bound_to=bound
        )
        for step in range(current - 1, current + 2):
            if hmac.compare_digest(_code(secret, step), code):
                return factor, step
    return None, 0


def _code(secret: bytes, step: int) -> str:
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def _event(found: Row, data: dict[str, Any]) -> dict[str, Any]:
    return {"backend": found["backend_id"], "uuid": found["uuid"], "data": json.dumps(data)}
