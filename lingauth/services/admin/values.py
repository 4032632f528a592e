"""What an admin call gives, and judging it before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lingauth.core import durations
from lingauth.core.errors import ValidationFailed
from lingauth.models import Backend
from lingauth.services import imported_hashes, new_account, old_hashes, passwords

OWN = ("provider", "providers")
"""Members of ``app_metadata`` that say which identities there are, and so are only ever ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The members of a call, as they came; None is the same as absent."""

    id: str | None = None
    email: str | None = None
    email_confirm: bool | None = None
    password: str | None = None
    password_hash: str | None = None
    ban_duration: str | None = None
    user_metadata: Mapping[str, Any] | None = None
    app_metadata: Mapping[str, Any] | None = None


def account_id(text: str | None) -> UUID | None:
    """The id that a new account is to have. Raises ValidationFailed."""
    if not text:
        return None
    try:
        chosen = UUID(text)
    except ValueError:
        raise ValidationFailed("ID must conform to the uuid v4 format") from None
    if not chosen.int:
        raise ValidationFailed("ID cannot be a nil uuid")
    return chosen


def ban(duration: str | None) -> timedelta | None:
    """How long a ban lasts from now; nothing at all for ``none``, which ends one; None if none was
    given. Raises ValidationFailed."""
    if duration is None or duration == "":
        return None
    return timedelta(0) if duration == "none" else durations.parse(duration)


def banned_until(lasts: timedelta | None, now: datetime) -> datetime | None:
    """When a ban that begins now ends; None for no ban."""
    return now + lasts if lasts else None


def hashed(given: Given, *, backend: Backend, email_key: str) -> str | None:
    """The hash to store; None if no password was given.

    Raises ValidationFailed and WeakPassword. What is behind a given hash nobody knows, so its
    strength is not judged.
    """
    if given.password is not None and given.password_hash is not None:
        raise ValidationFailed("Only a password or a password hash should be provided")
    if given.password_hash is not None:
        stored = imported_hashes.to_django(given.password_hash)
        old_hashes.note(backend, [stored])
        return stored
    if given.password is None:
        return None
    text = passwords.normalise(given.password)
    passwords.check_strength(text, backend=backend, email=email_key)
    return passwords.hashed(text)


def app_metadata(current: Mapping[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    """``app_metadata`` with the given members, but for those that are ours."""
    wanted = None if given is None else {k: v for k, v in given.items() if k not in OWN}
    return new_account.merged(current, wanted)
