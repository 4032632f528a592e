"""The gate: may this session reach data?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lingauth.core.assurance import Level


class MfaMode(StrEnum):
    """What a backend asks: nothing, nothing but counting, or ``aal2`` of every session."""

    OPTIONAL = "optional"
    OBSERVE = "observe"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Policy:
    """A backend's rule. ``grace_from`` never moves when the switch is flipped again, so that
    nobody's time to set up can be started twice."""

    mode: MfaMode
    starts_at: datetime | None
    grace: timedelta
    grace_from: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class SessionState:
    """What the gate needs to know of one session. ``ever_enrolled`` ends the account's grace."""

    level: Level
    has_factor: bool
    ever_enrolled: bool
    account_created_at: datetime


@dataclass(frozen=True, slots=True)
class Allow:
    """The request may go on. ``observed``: it would have been refused if the rule were on."""

    observed: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """The request is answered ``mfa_required``. ``next`` is ``enroll`` or ``challenge``."""

    next: str
    policy_version: int


Decision = Allow | Refuse


def in_force(policy: Policy, now: datetime) -> bool:
    """Whether the backend requires ``aal2`` at this moment, for those without grace."""
    started = policy.starts_at is None or policy.starts_at <= now
    return policy.mode is MfaMode.REQUIRED and started


def grace_ends_at(policy: Policy, state: SessionState) -> datetime | None:
    """Until when this account may read data without a factor; None if it has no such time.

    Counted once per person: from the first requirement or from sign-up, whichever is later.
    """
    if not policy.grace or state.has_factor or state.ever_enrolled:
        return None
    starts = [t for t in (policy.grace_from, policy.starts_at) if t is not None]
    begun = max([state.account_created_at, *starts])
    return begun + policy.grace


def decide(policy: Policy, state: SessionState, now: datetime) -> Decision:
    """The backend's rule applied to one session. Pure, total, and closed by default."""
    if state.level is Level.AAL2:
        return Allow()
    if policy.mode is MfaMode.OPTIONAL:
        return Allow()
    if policy.mode is MfaMode.OBSERVE:
        return Allow(observed=True)
    if policy.starts_at is not None and now < policy.starts_at:
        return Allow(observed=True)
    deadline = grace_ends_at(policy, state)
    if deadline is not None and now < deadline:
        return Allow(observed=True)
    return refuse(policy.version, state)


def refuse(policy_version: int, state: SessionState) -> Refuse:
    """The refusal that names the step this session has to take."""
    return Refuse(next="challenge" if state.has_factor else "enroll", policy_version=policy_version)
