"""No session is at ``aal2`` without a proof in that very session, and no data is read below."""

from __future__ import annotations

from typing import Any

from reliability.chaos.judging.accepted_twice import ACCEPTANCES
from reliability.chaos.judging.evidence import Evidence
from reliability.chaos.ledger import Act


def levels(evidence: Evidence) -> list[str]:
    proofs: dict[tuple[str, str], list[Any]] = {}
    for event in evidence.found.events:
        if event.kind in ACCEPTANCES and event.result == "ok":
            proofs.setdefault((event.session, event.account), []).append(event.at)
    unproven = [
        f"Session {session.id} is at aal2, and nothing was proven in it then"
        for session in evidence.found.sessions.values()
        if session.verified_at is not None
        and not any(
            # The row of a proof is drawn up a moment after the time that the session is given.
            session.verified_at <= at
            for at in proofs.get((session.id, session.account), [])
        )
    ]
    below = [
        f"{call}, below aal2"
        for call in evidence.ledger.calls(Act.READ)
        if call.is_done and call.level != "aal2"
    ]
    return [*unproven, *below]
