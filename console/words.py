"""Numbers, times and states in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from lingauth.core.gate import MfaMode, in_force
from lingauth.models import Backend


def count(number: int, one: str, many: str) -> str:
    """``count(1, "account", "accounts")`` → ``1 account``; thousands are set apart."""
    return f"{number:,} {one if number == 1 else many}"


def moment(at: datetime) -> str:
    """A time in words, in UTC: ``24 Nov 2026, 14:02 UTC``."""
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def day(at: datetime) -> str:
    """The day of a moment, in UTC: ``24 Nov 2026``."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y}"


def lasting(seconds: int) -> str:
    """A length of time in its largest whole unit: ``7 days``, ``36 hours``, ``90 seconds``."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds and seconds % size == 0:
            return count(seconds // size, unit, f"{unit}s")
    return count(seconds, "second", "seconds")


def waiting(seconds: int) -> str:
    """How long to wait, rounded up: ``14 minutes``."""
    if seconds < 60:
        return count(max(seconds, 1), "second", "seconds")
    return count(-(-seconds // 60), "minute", "minutes")


@dataclass(frozen=True, slots=True)
class Badge:
    """Words, with the tone they are shown in."""

    words: str
    tone: str = ""


def mfa_state(backend: Backend, at: datetime) -> Badge:
    """What a backend asks of its signed-in users now."""
    mode = MfaMode(backend.mfa_mode)
    if mode is MfaMode.OBSERVE:
        return Badge("Observing", "warn")
    if mode is MfaMode.OPTIONAL:
        return Badge("Not required")
    if in_force(backend.policy, at) or backend.mfa_starts_at is None:
        return Badge("Required", "ok")
    starts = backend.mfa_starts_at.astimezone(UTC)
    return Badge(f"Required from {starts.day} {starts:%b}", "warn")
