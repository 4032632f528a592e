"""Do the ledger and the database agree? One file a promise, whose answer is what is wrong."""

from __future__ import annotations

from collections.abc import Callable

from reliability.chaos.judging.accepted_twice import accepted_twice
from reliability.chaos.judging.counters import counters
from reliability.chaos.judging.events import events
from reliability.chaos.judging.evidence import Evidence
from reliability.chaos.judging.levels import levels
from reliability.chaos.judging.recovery import recovery
from reliability.chaos.judging.signed_out import signed_out
from reliability.chaos.judging.statuses import statuses

__all__ = ["PROMISES", "Evidence", "judge"]

PROMISES: dict[str, Callable[[Evidence], list[str]]] = {
    "No honest person is signed out": signed_out,
    "Nothing is accepted twice": accepted_twice,
    "No event is lost or doubled": events,
    "No counter of guesses is lowered": counters,
    "Nothing but what is expected is answered, or a 503 with Retry-After": statuses,
    "All is well again within seconds": recovery,
    "No level without a proof, and no data below it": levels,
}


def judge(evidence: Evidence) -> dict[str, list[str]]:
    """What is wrong about each promise."""
    return {promise: wrong(evidence) for promise, wrong in PROMISES.items()}
