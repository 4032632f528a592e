"""Whether a request costs more where there are more accounts: the same at several sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from benchmarks import sites
from benchmarks.database import Database
from benchmarks.rounds import Pace, measure
from benchmarks.sites import Site
from benchmarks.spread import Ratio

SIZES = (1_000, 100_000)
MILLION = 1_000_000
AIM = 1.15
"""Cost of a request at the most accounts over that at the fewest, at most."""
ROUNDS, ONCE = 9, 80
"""More rounds than elsewhere, since the differences are small; and the smallest size has few
accounts to verify with."""


def run(
    database: Database,
    pace: Pace,
    million: bool,
    started: Callable[[Sequence[Site]], AbstractContextManager[None]],
    say: Callable[[str, dict[str, dict[str, Any]]], None],
) -> dict[str, Any]:
    """Figures by operation and size; the sizes take turns as participants do."""
    sizes = (*SIZES, MILLION) if million else SIZES
    slower = replace(pace, rounds=ROUNDS, once=ONCE)
    grown = [sites.grown(database, size, slower.pool) for size in sizes]
    results: dict[str, Any] = {
        "sizes": {site.label: database.size(site.database or "") for site in grown},
        "operations": {},
    }
    with started(grown):
        for operation in grown[0].operations:
            figures = measure(operation, grown, database, slower)
            say(f"growth: {operation}", figures)
            results["operations"][operation] = figures
    return results


def rows(operations: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[list[str]]:
    """Lines of the page's table: the cost at each size, and the last over the first."""
    for operation, by_size in operations.items():
        costs = [[1000 / one for one in row["rounds"]] for row in by_size.values()]
        ratio = Ratio.of(costs[-1], costs[0])
        yield [
            operation,
            *(f"{row['cpu_ms']:.2f}" for row in by_size.values()),
            f"≤ {AIM:.2f} ×",
            str(ratio),
            ratio.bounds,
            ratio.verdict(ceiling=AIM),
        ]
