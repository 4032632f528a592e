"""All is well again within seconds of a fault's end."""

from __future__ import annotations

from reliability.chaos.judging.evidence import Evidence, Phase
from reliability.chaos.ledger import Ledger

LIMIT = 10.0


def recovery(evidence: Evidence) -> list[str]:
    wrong = []
    for phase in evidence.phases:
        took = seconds(evidence.ledger, phase)
        if took is None:
            wrong.append(f"{phase.name}: some had no success at all afterwards")
        elif took > LIMIT:
            wrong.append(f"{phase.name}: it took {took:.1f} s afterwards until all was well")
    return wrong


def seconds(ledger: Ledger, phase: Phase) -> float | None:
    """From the fault's end until every node was ready, everybody had had a success, and nobody
    heard a 503 or nothing any more. None: it did not come to that before the next fault."""
    if phase.not_run:
        return 0.0
    moments = [phase.ready]
    for life in ledger.lives.values():
        calls = [c for c in life.calls if phase.ended < c.ended <= phase.settled]
        done = next((call.ended for call in calls if call.is_done), None)
        if done is None:
            return None
        moments.append(done)
        moments += [call.ended for call in calls if not call.is_told]
    return max(0.0, max(moments) - phase.ended)
