"""An operator's session: Django's session framework plus our own clock.

The time stamps live in the session row, so that no cookie can stretch them. A user who signed in
to the host's own site has no ``KEY`` in the session and is nobody here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login as auth_login
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django_otp import login as otp_login

from lingauth.core.clock import now

KEY = "lingauth_console"

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
UNVERIFIED = timedelta(minutes=15)
"""How long a session may wait for its code before the password is asked again."""

TOUCH_EVERY = timedelta(seconds=30)
"""Activity is written at most this often: a page view costs no write most of the time."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """When this operator's session began, was last used, and last saw a code."""

    started: datetime
    seen: datetime
    verified: datetime | None

    def alive(self, at: datetime) -> bool:
        """Within all three limits. A time stamp from the future is not trusted."""
        if not self.started <= self.seen <= at:
            return False
        if self.verified is None and at - self.started >= UNVERIFIED:
            return False
        return at - self.seen < IDLE and at - self.started < ABSOLUTE


def begin(request: HttpRequest, user: Any) -> None:
    """Start an operator's session after the password: a new key, no code yet."""
    request.session.flush()
    auth_login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.set_expiry(ABSOLUTE)
    at = now()
    write(request, Stamps(started=at, seen=at, verified=None))


def confirm(request: HttpRequest, device: Any) -> None:
    """Note that a code was just accepted. The session gets a new key, the forms new tokens."""
    stamps = read(request)
    if stamps is None:
        raise RuntimeError("a code was confirmed without a session")
    request.session.cycle_key()
    rotate_token(request)
    otp_login(request, device)
    at = now()
    write(request, Stamps(started=stamps.started, seen=at, verified=at))


def end(request: HttpRequest) -> None:
    """Forget everything, on both sides."""
    request.session.flush()


def read(request: HttpRequest) -> Stamps | None:
    """The stamps of this session; None if it is not an operator's or cannot be read."""
    kept = request.session.get(KEY)
    if not isinstance(kept, dict) or not request.user.is_authenticated:
        return None
    try:
        verified = kept["verified"]
        return Stamps(
            started=datetime.fromtimestamp(kept["started"], tz=UTC),
            seen=datetime.fromtimestamp(kept["seen"], tz=UTC),
            verified=None if verified is None else datetime.fromtimestamp(verified, tz=UTC),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def write(request: HttpRequest, stamps: Stamps) -> None:
    request.session[KEY] = {
        "started": stamps.started.timestamp(),
        "seen": stamps.seen.timestamp(),
        "verified": None if stamps.verified is None else stamps.verified.timestamp(),
    }


def touch(request: HttpRequest, stamps: Stamps, at: datetime) -> None:
    """Note activity, at most every ``TOUCH_EVERY``."""
    if at - stamps.seen >= TOUCH_EVERY:
        write(request, Stamps(started=stamps.started, seen=at, verified=stamps.verified))
