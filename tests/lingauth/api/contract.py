"""The objects of the wire contract, member by member, and the one shape of a refusal."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from lingauth.api.exceptions import VERSION

ERROR = {"code", "message"}
ERROR_MAY_HAVE = {"hint", "details", "weak_password"}
USER = {
    "id", "aud", "role", "email", "phone", "app_metadata", "user_metadata", "identities",
    "created_at", "updated_at", "is_anonymous",
}  # fmt: skip
USER_MAY_HAVE = {
    "email_confirmed_at", "confirmed_at", "confirmation_sent_at", "last_sign_in_at", "factors",
    "banned_until", "deleted_at", "invited_at", "recovery_sent_at", "reauthentication_sent_at",
    "email_change_sent_at", "new_email",
}  # fmt: skip
TOKEN = {"access_token", "token_type", "expires_in", "expires_at", "refresh_token", "user"}
IDENTITY = {
    "identity_id", "id", "user_id", "identity_data", "provider", "last_sign_in_at", "created_at",
    "updated_at", "email",
}  # fmt: skip
FACTOR = {
    "id", "friendly_name", "factor_type", "status", "phone", "last_challenged_at", "created_at",
    "updated_at",
}  # fmt: skip
RECOVERY_FACTOR = FACTOR - {"phone", "last_challenged_at"}

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def headers(answer: Any) -> tuple[tuple[str, str], ...]:
    """An answer's headers, without its own name: that is random, and so another each time."""
    named = answer.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", named), named
    return tuple(sorted(item for item in answer.headers.items() if item[1] != named))


def refused(answer: Any, status: int, code: str, message: str | None = None) -> dict[str, Any]:
    """The answer is this refusal, in exactly the body and headers every refusal has. Its body."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body.keys() >= ERROR
    assert body.keys() <= ERROR | ERROR_MAY_HAVE
    assert isinstance(body["message"], str)
    assert body["message"]
    if message is not None:
        assert body["message"] == message
    assert answer.headers["X-Supabase-Api-Version"] == VERSION
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) or status != 401
    assert (int(answer.headers.get("Retry-After", 0)) > 0) == (status in (429, 503))
    return body


def session(answer: Any) -> dict[str, Any]:
    """The answer is a token response. Its body."""
    assert answer.status_code == 200, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body.keys() == TOKEN
    assert body["token_type"] == "bearer"
    assert type(body["expires_in"]) is int
    assert body["expires_in"] > 0
    assert type(body["expires_at"]) is int
    user(body["user"])
    return body


def user(body: dict[str, Any]) -> dict[str, Any]:
    """This is a user object."""
    assert body.keys() >= USER
    assert body.keys() <= USER | USER_MAY_HAVE
    UUID(body["id"])
    assert body["aud"] == body["role"] == "authenticated"
    assert body["phone"] == ""
    assert isinstance(body["is_anonymous"], bool)
    if body["email"]:
        assert "email" in body["app_metadata"]["providers"]
    for name in body:
        if name.endswith("_at"):
            moment(body[name])
    assert ("confirmed_at" in body) == ("email_confirmed_at" in body)
    assert body.get("factors") != []
    for row in body.get("factors", []):
        factor(row)
    for row in body["identities"]:
        identity(row, body)
    return body


def identity(row: dict[str, Any], owner: dict[str, Any]) -> None:
    """The identity of the owner's address: ``id`` is the user's, ``identity_id`` its own."""
    assert row.keys() == IDENTITY
    assert row["provider"] == "email"
    assert row["id"] == row["user_id"] == owner["id"]
    assert UUID(row["identity_id"]) != UUID(row["id"])
    confirmed = "email_confirmed_at" in owner
    assert row["identity_data"] | {
        "sub": owner["id"],
        "email": owner["email"],
        "email_verified": confirmed,
        "phone_verified": False,
    } == row["identity_data"]  # fmt: skip
    assert row["email"] == owner["email"]


def factor(row: dict[str, Any]) -> None:
    """This is a factor as its owner sees it: named, dated, and without its secret."""
    recovery = row["factor_type"] == "recovery_code"
    assert row.keys() == (RECOVERY_FACTOR if recovery else FACTOR)
    assert row["factor_type"] in ("totp", "recovery_code")
    assert row["status"] in ("verified", "unverified")
    assert UUID(row["id"])
    assert row["friendly_name"]
    moment(row["created_at"])
    moment(row["updated_at"])


def moment(text: str) -> datetime:
    """This is an RFC 3339 time in UTC."""
    assert _TIME.fullmatch(text), text
    return datetime.fromisoformat(text)
