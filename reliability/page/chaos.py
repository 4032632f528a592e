"""Faults, and what was kept of the promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reliability.page.tables import table

TITLES = ("fault", "calls", "answered", "503", "no answer", "all is well after")


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The faults in their order, then the promises."""
    yield f"{found['people']} people made {found['calls']:,} calls."
    yield ""
    yield from table(TITLES, map(_row, found["faults"]))
    yield ""
    for promise, wrong in found["promises"].items():
        yield f"* **{'Broken' if wrong else 'Kept'}**: {promise}."
        yield from (f"    * {sentence}" for sentence in wrong)


def _row(fault: Mapping[str, Any]) -> list[object]:
    if fault["not_run"]:
        return [fault["words"], "", "", "", "", f"not run: {fault['not_run']}"]
    after = "never" if fault["recovery"] is None else f"{fault['recovery']:.1f} s"
    counts = (fault[name] for name in ("calls", "answered", "unavailable", "unanswered"))
    return [fault["words"], *counts, after]
