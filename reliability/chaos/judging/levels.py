"""No session is at ``aal2`` without a proof in that very session, and no data is read below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reliability.chaos.judging.accepted_twice import ACCEPTANCES
from reliability.chaos.judging.evidence import Evidence
from reliability.chaos.judging.statuses import WRONG_CLOCK
from reliability.chaos.ledger import Act


def levels(evidence: Evidence) -> list[str]:
    return [*_unproven(evidence), *_below(evidence)]


def _unproven(evidence: Evidence) -> Iterator[str]:
    """The row of a proof is drawn up a moment after the time that the session is given; unless a
    clock is set back in that moment."""
    proofs: dict[tuple[str, str], list[Any]] = {}
    for event in evidence.found.events:
        if event.kind in ACCEPTANCES and event.result == "ok":
            proofs.setdefault((event.session, event.account), []).append(event.at)
    by_a_wrong_clock = {
        call.session for call in evidence.ledger.calls() if WRONG_CLOCK in call.excuses
    }
    for session in evidence.found.sessions.values():
        times = proofs.get((session.id, session.account), [])
        if session.elevations != len(times):
            raised = f"was raised {session.elevations} times by {len(times)} proofs"
            yield f"Session {session.id} {raised}"
        elif session.verified_at is None or session.id in by_a_wrong_clock:
            continue
        elif not any(session.verified_at <= at for at in times):
            yield f"Session {session.id} is at aal2, and nothing was proven in it then"


def _below(evidence: Evidence) -> Iterator[str]:
    for call in evidence.ledger.calls(Act.READ):
        if call.is_done and call.level != "aal2":
            yield f"{call}, below aal2"
