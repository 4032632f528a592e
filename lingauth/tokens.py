"""Access tokens: minted from a session's row, read with suspicion. Only this module knows PyJWT.

RFC 9068 (``typ: at+jwt``), RFC 8725 (best current practice). There is one algorithm, one form of
header and one spelling of a token; everything else is refused before its signature is looked at.
PyJWT's ES256 makes and checks signatures (RFC 7518, 3.4); its decoder is not asked, since it lets
through what is refused here, and reads once more what was read.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode

from lingauth import keyring
from lingauth.conf import settings
from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.core.errors import BadToken
from lingauth.keyring import Key
from lingauth.models import Account, Backend, Session

ALGORITHM = "ES256"
TYPE = "at+jwt"
AUDIENCE = "authenticated"
LEEWAY = timedelta(seconds=10)
MAX_LENGTH = 4096
EXTRA_CLAIMS = ("email", "phone", "app_metadata", "user_metadata")
"""Claims a backend may ask for on top; none is in a token unless its ``token_claims`` names it."""

_ES256 = ECAlgorithm(ECAlgorithm.SHA256)
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KID = re.compile(r"[A-Za-z0-9_-]{43}")
"""A key's name is its thumbprint (RFC 7638)."""
_TYPES: dict[str, type] = {
    "iss": str,
    "sub": str,
    "aud": str,
    "exp": int,
    "iat": int,
    "session_id": str,
    "role": str,
    "aal": str,
    "amr": list,
    "is_anonymous": bool,
}


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine token says. The level in it is a hint; the session's row decides."""

    kid: str
    backend_ref: str
    account_uuid: UUID
    session_id: UUID
    level: Level
    expires_at: datetime


def issuer_of(ref: str) -> str:
    """A backend's ``iss``: the address of its auth API, from configuration and never a request."""
    return f"{settings.SITE_URL}/b/{ref}/auth/v1"


def mint(session: Session, account: Account, backend: Backend, now: datetime) -> tuple[str, int]:
    """A token for the session as it is now, and its ``exp`` in Unix seconds.

    It never outlives the session nor, at ``aal2``, the level.
    """
    level = session.level(now)
    ends = [now + timedelta(seconds=backend.access_token_ttl), session.expires_at]
    if level is Level.AAL2 and (aal2_ends := session.aal2_ends_at()):
        ends.append(aal2_ends)
    issued = int(now.timestamp())
    expires = max(int(min(ends).timestamp()), issued + 1)
    payload = {
        "iss": issuer_of(backend.ref),
        "aud": AUDIENCE,
        "sub": str(account.uuid),
        "exp": expires,
        "iat": issued,
        "session_id": str(session.pk),
        "role": "authenticated",
        "aal": level.value,
        "amr": session.amr(now),
        "is_anonymous": account.is_anonymous,
    } | _extra_claims(account, backend)
    return _signed_by(keyring.ring_of(backend).signing_key(now), payload), expires


def read(token: str) -> Claims:
    """The claims of a token that one of our keys signed and that has not expired.

    Raises BadToken otherwise; it does not say which check failed beyond the token's expiry.
    """
    claims = _genuine(token)
    if clock.now() - LEEWAY >= claims.expires_at or keyring.find(claims.kid) is None:
        raise BadToken
    return claims


@lru_cache(maxsize=2048)
def _genuine(token: str) -> Claims:
    """The claims of a token that one of our keys signed. What is signed stays signed, so this is
    worked out once for a token; whether it still counts is asked each time it is used."""
    header, payload, signature = _parts(token)
    if set(header) != {"alg", "typ", "kid"} or header["alg"] != ALGORITHM:
        raise BadToken
    if header["typ"] != TYPE or not isinstance(header["kid"], str):
        raise BadToken
    if not _KID.fullmatch(header["kid"]):
        raise BadToken  # a database would choke on some of what JSON can write
    for name, kind in _TYPES.items():
        if type(payload.get(name)) is not kind:
            raise BadToken
    key = keyring.find(header["kid"])
    signed = token.rpartition(".")[0].encode()
    if key is None or not _ES256.verify(signed, key.public, signature):
        raise BadToken
    if payload["iss"] != issuer_of(key.backend_ref) or payload["aud"] != AUDIENCE:
        raise BadToken
    if payload["iat"] > (clock.now() + LEEWAY).timestamp():
        raise BadToken
    try:
        return Claims(
            kid=key.kid,
            backend_ref=key.backend_ref,
            account_uuid=UUID(payload["sub"]),
            session_id=UUID(payload["session_id"]),
            level=Level(payload["aal"]),
            expires_at=datetime.fromtimestamp(payload["exp"], tz=UTC),
        )
    except (ValueError, OverflowError, OSError):
        raise BadToken from None


def _signed_by(key: Key, payload: dict[str, Any]) -> str:
    """The compact form of a token (RFC 7515, 3.1)."""
    signed = _head(key.kid) + b"." + base64url_encode(_json(payload))
    return (signed + b"." + base64url_encode(_ES256.sign(signed, key.private))).decode()


@lru_cache(maxsize=1024)
def _head(kid: str) -> bytes:
    return base64url_encode(_json({"alg": ALGORITHM, "kid": kid, "typ": TYPE}))


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _extra_claims(account: Account, backend: Backend) -> dict[str, Any]:
    values: dict[str, Any] = {
        "email": account.email,
        "phone": "",
        "app_metadata": account.app_metadata,
        "user_metadata": account.user_metadata,
    }
    return {name: values[name] for name in EXTRA_CLAIMS if name in backend.token_claims}


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    if len(token) > MAX_LENGTH or not _SHAPE.fullmatch(token):
        raise BadToken
    header, payload, signature = (_bytes(part) for part in token.split("."))
    return _object(header), _object(payload), signature


def _bytes(part: str) -> bytes:
    try:
        raw = urlsafe_b64decode(part + "==")  # more than it needs does no harm
    except ValueError:
        raise BadToken from None
    if base64url_encode(raw).decode() != part:
        raise BadToken  # a second spelling of the same bytes
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise BadToken from None
    if not isinstance(value, dict):
        raise BadToken
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadToken  # a member is named twice
    return members
