"""Passwords: what may be one, and hashing a bounded number at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, local
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from lingauth.conf import settings
from lingauth.core.errors import Unavailable, ValidationFailed, WeakPassword
from lingauth.hashers import BcryptHasher
from lingauth.models import Backend
from lingauth.services.old_hashes import kind_of
from lingauth.signals import hashing_refused

MAX_LENGTH = 256
_NEVER_OURS = ("bcrypt$", "fbscrypt$")

_common = CommonPasswordValidator()
_mine = local()
"""Whether this thread has its turn."""


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
    told = {email.casefold(), email.casefold().rpartition("@")[0], backend.name.casefold()}
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
    """The password's hash, when it is this request's turn. Raises Unavailable."""
    with turn():
        return make_password(password)


def matches(
    user: Any, password: str, *, given: object = None, old_hashes: Sequence[str] = ()
) -> bool:
    """Whether it is the user's password. Where it is not, the work is the same for everybody, and
    for nobody: once what is new, and once each of the backend's ``old_hashes``.

    ``given`` is the text before ``normalise``. A hash made elsewhere may be of that one, so it is
    tried where it differs. A hash of older parameters, or of another algorithm, is upgraded on the
    way.
    """
    tried = [password]
    if isinstance(given, str) and given != password:
        tried.append(given)
    with turn():
        if user is not None and any(_is_of(user, text, password) for text in tried):
            return True
        own = kind_of(user.password) if user is not None else None
        for text in tried:
            if own is None or own in old_hashes or own.startswith(_NEVER_OURS):
                make_password(text)
            for kind in old_hashes:
                if kind != own:
                    check_password(text, kind)
        return False


def _is_of(user: Any, text: str, password: str) -> bool:
    """Whether the text is the user's password, which is then stored as ``password``."""

    def upgrade(raw: str) -> None:
        if user.password.startswith("bcrypt$") and len(raw.encode()) > BcryptHasher.max_bytes:
            return  # only the beginning was verified: the rest may be a slip of the fingers
        old, user.password = user.password, make_password(password)
        rows = type(user)._default_manager
        # Guarded: a password that was changed meanwhile must not come back.
        rows.filter(pk=user.pk, password=old).update(password=user.password)

    return check_password(text, user.password, setter=upgrade)


@contextmanager
def turn() -> Iterator[None]:
    """Hashing takes a core and memory, so only a few do it at once; a few more wait, not for ever,
    and whoever comes beyond those is told so at once: a thread that waits serves nobody.

    What hashes takes a turn by itself. Who pays for a guess takes one before, so that nobody pays
    for a guess that is not looked at. Raises Unavailable.
    """
    if getattr(_mine, "turn", False):
        yield
        return
    at_once, queue = max(1, settings.HASH_CONCURRENCY), settings.HASH_QUEUE
    places, turns = _semaphore("places", at_once + queue), _semaphore("turns", at_once)
    if not places.acquire(blocking=False):
        raise _refused("queue_full", retry_after=1)
    try:
        if not turns.acquire(timeout=settings.HASH_WAIT):
            raise _refused("waited_too_long", retry_after=2)
        try:
            _mine.turn = True
            yield
        finally:
            _mine.turn = False
            turns.release()
    finally:
        places.release()


def _refused(reason: str, *, retry_after: int) -> Unavailable:
    hashing_refused.send_robust(sender=None, reason=reason)
    return Unavailable(retry_after=retry_after)


@cache
def _semaphore(of: str, number: int) -> BoundedSemaphore:
    """One of each for the process."""
    return BoundedSemaphore(number)
