"""What a run came to: a table of the faults, the verdicts, and the same for the page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from reliability.chaos.judging.evidence import Evidence, Phase
from reliability.chaos.judging.recovery import seconds
from reliability.chaos.ledger import Call

MOST = 10
"""Sentences that are shown of a promise that broke."""


def summary(evidence: Evidence, verdicts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """As JSON. Times are in seconds since the first phase began."""
    begun = evidence.phases[0].began
    return {
        "people": len(evidence.ledger.lives),
        "calls": len(evidence.ledger),
        "outcomes": dict(_outcomes(evidence)),
        "readings": len(evidence.found.readings),
        "faults": [_row(evidence, phase, begun) for phase in evidence.phases],
        "timeline": list(_timeline(evidence, begun)),
        "promises": {promise: list(wrong)[:MOST] for promise, wrong in verdicts.items()},
        "broken": sum(map(bool, verdicts.values())),
    }


def show(summary: Mapping[str, Any], console: Console) -> None:
    """For people."""
    table = Table()
    for title in ("fault", "calls", "answered", "503", "no answer", "well again after"):
        table.add_column(title, justify="left" if title == "fault" else "right")
    for row in summary["faults"]:
        if row["not_run"]:
            table.add_row(row["words"], "", "", "", "", f"not run: {row['not_run']}")
            continue
        counts = (row[name] for name in ("calls", "answered", "unavailable", "unanswered"))
        after = "never" if row["recovery"] is None else f"{row['recovery']:.1f} s"
        table.add_row(row["words"], *(f"{count:,}" for count in counts), after)
    console.print(table)
    for promise, wrong in summary["promises"].items():
        console.print(f"{'broken' if wrong else 'kept'}: {promise}", highlight=False)
        for sentence in wrong:
            console.print(f"    {sentence}", highlight=False, markup=False)


def write_ledger(evidence: Evidence, file: Path) -> None:
    """Every call, person by person, a JSON object a line."""
    with file.open("w") as out:
        for call in evidence.ledger.calls():
            out.write(json.dumps(asdict(call), default=list) + "\n")


def _row(evidence: Evidence, phase: Phase, begun: float) -> dict[str, Any]:
    calls = [c for c in evidence.ledger.calls() if phase.began <= c.ended < phase.settled]
    kinds = Counter(map(_kind, calls))
    took = seconds(evidence.ledger, phase)
    return {
        "words": phase.name,
        "began": round(phase.began - begun, 1),
        "ended": round(phase.ended - begun, 1),
        "calls": len(calls),
        "answered": kinds["answered"],
        "unavailable": kinds["unavailable"],
        "unanswered": kinds["unanswered"],
        "recovery": None if took is None else round(took, 1),
        "not_run": phase.not_run,
    }


def _timeline(evidence: Evidence, begun: float) -> Iterator[list[int]]:
    """A row a second: which, and how many calls were answered, told to wait, and left alone."""
    counts = Counter((int(c.ended - begun), _kind(c)) for c in evidence.ledger.calls())
    seconds_ = [second for second, _ in counts if second >= 0]
    for second in range(max(seconds_, default=-1) + 1):
        yield [
            second,
            *(counts[second, kind] for kind in ("answered", "unavailable", "unanswered")),
        ]


def _outcomes(evidence: Evidence) -> Iterator[tuple[str, int]]:
    counts = Counter(f"{c.act}: {c.outcome or 'no answer'}" for c in evidence.ledger.calls())
    yield from sorted(counts.items())


def _kind(call: Call) -> str:
    if call.status is None:
        return "unanswered"
    return "unavailable" if call.status == 503 else "answered"
