"""The gate, applied: session and rule come from the one statement of the request."""

from __future__ import annotations

from datetime import datetime, timedelta

from lingauth.conf import settings
from lingauth.core import clock, gate
from lingauth.core.assurance import is_fresh
from lingauth.core.errors import MfaRequired
from lingauth.core.gate import Allow, Refuse
from lingauth.models import Tally
from lingauth.services.access import SignedIn

WOULD_REFUSE = "would_refuse"
"""The tally of requests that ``observe``, a coming start or a person's grace let through."""


def check(*, me: SignedIn, now: datetime | None = None) -> None:
    """Apply the backend's switch. Raises MfaRequired; returns when the request may go on."""
    now = now or clock.now()
    decision = gate.decide(me.backend.policy, me.gate_state(now), now)
    if isinstance(decision, Refuse):
        raise refusal(me, decision, now)
    if isinstance(decision, Allow) and decision.observed:
        Tally.objects.add(me.backend.pk, now.date(), WOULD_REFUSE)


def require_aal2(
    *, me: SignedIn, max_age: timedelta | None = None, now: datetime | None = None
) -> None:
    """Ask for ``aal2`` whatever the switch says, and for a recent one if ``max_age`` is given.

    Raises MfaRequired.
    """
    now = now or clock.now()
    state = me.gate_state(now)
    at_aal2 = state.level == "aal2"
    recent = max_age is None or is_fresh(me.session.verified_at, now, max_age)
    if not (at_aal2 and recent):
        raise refusal(me, gate.refuse(me.backend.policy_version, state), now)


def refusal(me: SignedIn, decision: Refuse, now: datetime) -> MfaRequired:
    """The error an app can act on: which step comes next, and where our page for it is."""
    ends = gate.grace_ends_at(me.backend.policy, me.gate_state(now))
    enroll = decision.next == "enroll"
    page = "setup" if enroll else "verify"
    return MfaRequired(
        hint="Set up an authenticator app, then confirm a code."
        if enroll
        else "Confirm a code from the authenticator app.",
        details={
            "next": decision.next,
            "deadline": ends.isoformat() if ends else None,
            "policy_version": decision.policy_version,
            "url": f"{settings.SITE_URL}/b/{me.backend.ref}/mfa/{page}",
        },
    )
