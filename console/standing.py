"""How things stand with the requirement: the line on top of the Authentication page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.impact import Affected
from console.words import count
from lingauth.core.gate import MfaMode
from lingauth.models import Backend


@dataclass(frozen=True, slots=True)
class Standing:
    """``MFA is required since`` · 14:02 · ``41 of 318 sessions confirmed.``"""

    before: str
    at: datetime
    after: str
    tone: str = ""


def standing(
    backend: Backend,
    affected: Affected,
    *,
    since: datetime | None,
    at: datetime,
    spared: int = 0,
) -> Standing | None:
    """The line, or None while nothing is asked of anybody. ``since`` is when the mode was set;
    ``spared`` how many requests of today would have been refused if the rule bit everybody."""
    mode = MfaMode(backend.mfa_mode)
    if mode is MfaMode.OPTIONAL:
        return None
    sessions = affected.sessions
    confirmed = (
        f"{sessions.done:,} of {count(sessions.total, 'session', 'sessions')} confirmed."
        if sessions.total
        else "No session is open."
    )
    if spared or mode is MfaMode.OBSERVE:
        confirmed += f" {count(spared, 'request', 'requests')} of today would have been refused."
    start = backend.mfa_starts_at
    if mode is MfaMode.OBSERVE:
        return Standing("Observing since", since or at, f"Nothing is blocked. {confirmed}", "warn")
    if start is not None and start > at:
        return Standing(
            "MFA will be required from", start, f"Until then, {_lower(confirmed)}", "warn"
        )
    begun = max(moment for moment in (since, start) if moment) if since or start else at
    return Standing("MFA is required since", begun, confirmed, "ok")


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
