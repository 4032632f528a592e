"""Calls by what they were, and what came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reliability.page.tables import table


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """How many of which kind, the classes of the answers, and every mistake."""
    statuses: Counter[str] = Counter()
    for counts in found["statuses"].values():
        for status, count in counts.items():
            statuses[f"{status[0]}xx" if status != "503" else status] += count
    yield f"{found['calls']:,} calls of {len(found['statuses'])} operations (seed {found['seed']})."
    yield ""
    yield from table(("kind of call", "calls"), found["kinds"].items())
    yield ""
    yield from table(("answered", "calls"), sorted(statuses.items()))
    yield ""
    wrong = sum(mistake["count"] for mistake in found["mistakes"].values())
    if not wrong:
        yield "**Nothing was wrong**: no failure of the server, no answer that is not described, "
        yield "no secret where it does not belong."
    for mistake in found["mistakes"].values():
        yield f"* **{mistake['count']:,} times** {mistake['operation']}: {mistake['problem']}"
