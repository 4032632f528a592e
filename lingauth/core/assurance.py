"""Levels, the methods that reach them, and how long they last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FRESH = timedelta(minutes=10)
"""How recent a proof must be for an act that changes who can sign in."""


class Level(StrEnum):
    """What a session has proven: a first factor, or a first and a second one."""

    AAL1 = "aal1"
    AAL2 = "aal2"


class Method(StrEnum):
    """The values of ``amr`` (the published clients' vocabulary, not RFC 8176's)."""

    PASSWORD = "password"
    OTP = "otp"
    MAGICLINK = "magiclink"
    SIGNUP = "email/signup"
    RECOVERY = "recovery"
    INVITE = "invite"
    EMAIL_CHANGE = "email_change"
    OAUTH = "oauth"
    ANONYMOUS = "anonymous"
    TOTP = "totp"
    RECOVERY_CODE = "mfa/recovery_code"

    @property
    def is_second(self) -> bool:
        return self in (Method.TOTP, Method.RECOVERY_CODE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long ``aal2`` lasts: from the verification, and between two signs of life."""

    max_age: timedelta
    max_idle: timedelta


def aal2_ends_at(
    verified_at: datetime | None, active_at: datetime, limits: Limits
) -> datetime | None:
    """When the session's ``aal2`` ends; None if it never had one.

    NIST SP 800-63B-4 section 2.2.3 asks for 24 h overall and 1 h of inactivity.
    """
    if verified_at is None:
        return None
    return min(verified_at + limits.max_age, active_at + limits.max_idle)


def level(
    verified_at: datetime | None, active_at: datetime, limits: Limits, now: datetime
) -> Level:
    """The session's level at ``now``. The instant at which a limit is reached is too late."""
    ends = aal2_ends_at(verified_at, active_at, limits)
    return Level.AAL2 if ends is not None and now < ends else Level.AAL1


def is_fresh(proven_at: datetime | None, now: datetime, window: timedelta = FRESH) -> bool:
    """Whether a proof lies within ``window``. One from the future is none."""
    return proven_at is not None and timedelta(0) <= now - proven_at <= window
