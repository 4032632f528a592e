"""Rows of Supabase Auth's tables, read into our terms.

A row is taken whole or refused with a reason; nothing here looks at the database. Times and truth
values come as PostgreSQL writes them or as JSON has them, and metadata as an object or as its text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from lingauth.core import email as addresses
from lingauth.core.errors import ValidationFailed
from lingauth.services.imported_hashes import to_django

MAX_METADATA_BYTES = 64 * 1024
"""More than a sign-up may bring, as it is there already; changes are held to the usual bound."""
_TRUE, _FALSE = ("t", "true", "1"), ("", "f", "false", "0")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an export and the line it begins in; ``problem`` says why it could not be read."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def get(self, *names: str) -> Any:
        """The first of these columns that has a value."""
        found = (self.values.get(name) for name in names)
        return next((value for value in found if value not in (None, "")), None)


class Refused(Exception):
    """A row that cannot be taken. Its words are for the operator and never hold a secret."""


class LeftOut(Exception):
    """A row that is fine and has no use here. Its words are what such rows are counted under."""


@dataclass(frozen=True, slots=True)
class ImportedUser:
    """What becomes an account. ``password`` is in Django's stored form, None without one."""

    line: int
    uuid: UUID
    email: str
    email_key: str
    password: str | None
    app_metadata: dict[str, Any]
    user_metadata: dict[str, Any]
    is_anonymous: bool
    times: dict[str, datetime | None]

    @property
    def signs_in_by_mail(self) -> bool:
        """Whether it has an identity of its address."""
        providers = self.app_metadata.get("providers")
        listed = providers if isinstance(providers, list) else ["email"]
        return bool(self.email) and ("email" in listed or self.password is not None)


def user(row: Row, *, anonymous: bool) -> ImportedUser:
    """A row of ``auth.users``. Raises Refused, and LeftOut for those who could never sign in."""
    uuid = an_id(row, "id")
    deleted = a_time(row, "deleted_at")
    is_anonymous = truth(row, "is_anonymous")
    email = "" if deleted else text(row, "email")
    if truth(row, "is_sso_user"):
        raise Refused("signs in by SAML, which there is not here")
    if is_anonymous and not anonymous:
        raise LeftOut("anonymous")
    app_metadata = an_object(row, "raw_app_meta_data")
    providers = app_metadata.get("providers")
    if not (email or deleted or is_anonymous) and providers in (None, [], ["phone"]):
        raise Refused("has no e-mail address, and nobody signs in by phone here")
    return ImportedUser(
        line=row.line,
        uuid=uuid,
        email=email,
        email_key=_key(email) if email else str(uuid),
        password=None if deleted else _password(row),
        app_metadata=app_metadata or {"provider": "email", "providers": ["email"]},
        user_metadata=an_object(row, "raw_user_meta_data"),
        is_anonymous=is_anonymous,
        times={
            "email_confirmed_at": a_time(row, "email_confirmed_at", "confirmed_at")
            if email
            else None,
            "invited_at": a_time(row, "invited_at"),
            "last_sign_in_at": a_time(row, "last_sign_in_at"),
            "banned_until": a_time(row, "banned_until"),
            "deleted_at": deleted,
            "created_at": a_time(row, "created_at"),
            "updated_at": a_time(row, "updated_at", "created_at"),
        },
    )


@dataclass(frozen=True, slots=True)
class ImportedIdentity:
    """A way in. ``uuid`` is None in exports from before identities had an id of their own."""

    line: int
    uuid: UUID | None
    user: UUID
    provider: str
    subject: str
    data: dict[str, Any]
    created_at: datetime | None
    updated_at: datetime | None


def identity(row: Row) -> ImportedIdentity:
    """A row of ``auth.identities``. Raises Refused, and LeftOut for ways in there are not here."""
    provider = text(row, "provider", at_most=40)
    if provider == "phone" or provider.startswith("sso"):
        raise LeftOut("of phone and SAML")
    with_own_id = "provider_id" in row
    subject = text(row, "provider_id" if with_own_id else "id", at_most=255)
    if not provider or not subject:
        raise Refused("names no provider, or nobody there")
    return ImportedIdentity(
        line=row.line,
        uuid=an_id(row, "id") if with_own_id else None,
        user=an_id(row, "user_id"),
        provider=provider,
        subject=subject,
        # Supabase names some issuers otherwise: the first sign-in by it writes down the real one.
        data={k: v for k, v in an_object(row, "identity_data").items() if k != "iss"},
        created_at=a_time(row, "created_at"),
        updated_at=a_time(row, "updated_at"),
    )


def an_id(row: Row, name: str) -> UUID:
    value = row.get(name)
    try:
        return UUID(str(value))
    except ValueError:
        raise Refused(f"its {name} is not a UUID") from None


def text(row: Row, name: str, *, at_most: int | None = None) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value or (at_most and len(value) > at_most):
        raise Refused(f"its {name} cannot be stored")
    return value


def truth(row: Row, name: str) -> bool:
    value = str(row.values.get(name) or "").lower()
    if value not in _TRUE + _FALSE:
        raise Refused(f"its {name} is neither true nor false")
    return value in _TRUE


def a_time(row: Row, *names: str) -> datetime | None:
    """A time, by any of these names; without an offset it is UTC."""
    value = row.get(*names)
    if value is None:
        return None
    if value == "infinity":
        return datetime(9999, 1, 1, tzinfo=UTC)
    try:
        moment = parse_datetime(str(value))
    except ValueError:
        moment = None
    if moment is None:
        raise Refused(f"its {names[0]} is not a time")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def an_object(row: Row, name: str) -> dict[str, Any]:
    """A JSON object; an absent one is empty."""
    value = row.get(name)
    if value is None:
        return {}
    try:
        found = json.loads(value) if isinstance(value, str) else value
        written = json.dumps(found)
    except (ValueError, RecursionError):
        raise Refused(f"its {name} is not JSON") from None
    if found is None:
        return {}
    if not isinstance(found, dict) or "\\u0000" in written:
        raise Refused(f"its {name} cannot be stored")
    if len(written) > MAX_METADATA_BYTES:
        raise Refused(f"its {name} is larger than {MAX_METADATA_BYTES // 1024} KiB")
    return found


def _key(email: str) -> str:
    try:
        return addresses.normalise(email)
    except ValidationFailed:
        raise Refused("its email is not an address") from None


def _password(row: Row) -> str | None:
    hash = text(row, "encrypted_password")
    try:
        return to_django(hash) if hash else None
    except ValidationFailed as error:
        reason = error.message.rstrip(".")
        raise Refused(f"its password cannot be verified here: {reason}") from None
