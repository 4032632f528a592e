"""Passwords: what may be one, and hashing a bounded number at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from lingauth.conf import settings
from lingauth.core.errors import Unavailable, ValidationFailed, WeakPassword
from lingauth.hashers import BcryptHasher
from lingauth.models import Backend

MAX_LENGTH = 256

_common = CommonPasswordValidator()


def normalise(password: object) -> str:
    """The text that is hashed: NFC, nothing cut, nothing folded (NIST SP 800-63B-4, 3.1.1.2).

    Raises ValidationFailed for what no password can be, before any hashing.
    """
    if not isinstance(password, str) or not password or "\x00" in password:
        raise ValidationFailed("Signup requires a valid password")
    if len(password) > MAX_LENGTH:
        raise ValidationFailed(f"A password has at most {MAX_LENGTH} characters.")
    return unicodedata.normalize("NFC", password)


def check_strength(password: str, *, backend: Backend, email: str) -> None:
    """Refuse a short, a common or a telling password. Raises WeakPassword with its reasons.

    The host's ``AUTH_PASSWORD_VALIDATORS`` are asked as well.
    """
    if len(password) < backend.password_min_length:
        raise WeakPassword(
            f"Password should be at least {backend.password_min_length} characters.",
            reasons=["length"],
        )
    folded = password.casefold()
    told = {email.casefold(), email.casefold().partition("@")[0], backend.name.casefold()}
    stripped = folded.rstrip("0123456789!")
    if folded in told or stripped in told or stripped in ("password", "lingauth", "passwort"):
        raise WeakPassword("This password is easy to guess.", reasons=["pwned"])
    try:
        _common.validate(password)
        validate_password(password)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), reasons=["pwned"]) from None


def weakness(password: str, *, backend: Backend, email: str) -> WeakPassword | None:
    """Why the password would not be accepted as a new one, if so."""
    try:
        check_strength(password, backend=backend, email=email)
    except WeakPassword as error:
        return error
    return None


def hashed(password: str) -> str:
    """The password's hash, when it is this request's turn. Raises Unavailable after a long wait."""
    with _turn():
        return make_password(password)


def matches(user: Any, password: str, *, given: object = None) -> bool:
    """Whether it is the user's password; for no user, the same work and False.

    ``given`` is the text before ``normalise``. A hash made elsewhere may be of that one, so it is
    tried where it differs. A hash of older parameters, or of another algorithm, is upgraded on the
    way.
    """
    tried = [password]
    if isinstance(given, str) and given != password:
        tried.append(given)
    with _turn():
        if user is None:
            for text in tried:
                make_password(text)
            return False

        def upgrade(raw: str) -> None:
            if user.password.startswith("bcrypt$") and len(raw.encode()) > BcryptHasher.max_bytes:
                return  # only the beginning was verified: the rest may be a slip of the fingers
            old, user.password = user.password, make_password(password)
            rows = type(user)._default_manager
            # Guarded: a password that was changed meanwhile must not come back.
            rows.filter(pk=user.pk, password=old).update(password=user.password)

        return any(check_password(text, user.password, setter=upgrade) for text in tried)


@contextmanager
def _turn() -> Iterator[None]:
    """Hashing takes memory, so only a few do it at once and nobody queues for ever."""
    turns = _turns(max(1, settings.HASH_CONCURRENCY))
    if not turns.acquire(timeout=settings.HASH_WAIT):
        raise Unavailable(retry_after=2)
    try:
        yield
    finally:
        turns.release()


@cache
def _turns(at_once: int) -> BoundedSemaphore:
    """One for the process."""
    return BoundedSemaphore(at_once)
