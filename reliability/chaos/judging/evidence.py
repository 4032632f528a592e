"""What is judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from reliability.chaos.found import Found
from reliability.chaos.ledger import Ledger


@dataclass(slots=True)
class Phase:
    """A time of the run, in seconds of ``time.monotonic``: the fault lasts from ``began`` to
    ``ended``; until ``settled`` people go on undisturbed.

    ``ready`` is when every node said again that it is. ``not_run`` says why the fault did not
    strike, ``broken`` what it saw itself.
    """

    name: str
    began: float
    ended: float = 0.0
    settled: float = 0.0
    ready: float = 0.0
    not_run: str = ""
    broken: str = ""


@dataclass(slots=True)
class Evidence:
    """``may_break``: whether connections may end without an answer, as they do without a proxy."""

    ledger: Ledger
    found: Found
    phases: list[Phase] = field(default_factory=list)
    may_break: bool = False
