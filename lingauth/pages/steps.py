"""Where a signed-in person goes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lingauth.core import gate
from lingauth.core.assurance import Level
from lingauth.pages.addresses import carry, page
from lingauth.services.access import SignedIn


@dataclass(frozen=True, slots=True)
class Demand:
    """What the backend asks of somebody without a factor, and until when it can wait."""

    asked: bool
    deadline: datetime | None

    @property
    def can_wait(self) -> bool:
        return not self.asked or self.deadline is not None


def demand(me: SignedIn, at: datetime) -> Demand:
    """Whether two-step verification is asked for, with the deadline if it lies ahead."""
    policy = me.backend.policy
    if me.has_factor or not gate.in_force(policy, at):
        return Demand(asked=False, deadline=None)
    ends = gate.grace_ends_at(policy, me.gate_state(at))
    return Demand(asked=True, deadline=ends if ends is not None and at < ends else None)


def onward(me: SignedIn, at: datetime, return_to: str) -> str:
    """The code if there is a factor, the set-up if it is asked for, else where they were going."""
    ref = me.backend.ref
    if me.level(at) is not Level.AAL2:
        if me.has_factor:
            return page("mfa_verify", ref) + carry(return_to)
        if demand(me, at).asked:
            return page("mfa_setup", ref) + carry(return_to)
    return return_to or page("account", ref)
