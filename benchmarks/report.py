"""Writes what was measured into ``docs/performance.md`` and draws it.

Only what stands between the two marks of the page is written; the rest is people's words.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from benchmarks import chart, storm
from benchmarks.environments import VAR
from benchmarks.processes import ROOT
from benchmarks.sites import LINGAUTH
from benchmarks.targets import GROWTH, MEMORY, TARGETS

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "images" / "performance.svg"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"


def machine(postgres: str) -> dict[str, Any]:
    """What kind of machine it was; no names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "class": f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, "
        f"{platform.system()}",
        "versions": f"Python {platform.python_version()}, Django {django.__version__}, "
        f"PostgreSQL {postgres}",
        "busy": os.getloadavg()[1] > 2,
        "command": "python -m benchmarks " + " ".join(sys.argv[1:]),
    }


def write(results: Mapping[str, Any]) -> None:
    """The page's tables and the picture."""
    head, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(head + BEGIN + "\n".join(_lines(results)) + "\n" + END + tail)
    PICTURE.write_text(chart.draw(results["operations"]))


def _lines(results: Mapping[str, Any]) -> Iterator[str]:
    made = results["machine"]
    yield f"\nMeasured {made['date']} on {made['class']}; {made['versions']}, fsync on."
    yield f"`{made['command'].strip()}`, {results['minutes']:.0f} minutes."
    if made["busy"]:
        yield (
            "\n**Other work ran on the machine meanwhile.** Waiting for a core lengthens p50 and "
            "p99 and lowers requests per second; CPU figures suffer less, and ratios least."
        )
    yield "\n## Aims\n"
    yield from _table("operation|against|aim|measured|", "lllrl", _aims(results))
    yield "\n## Figures"
    for operation, figures in results["operations"].items():
        yield f"\n### {operation[0].upper()}{operation[1:]}\n"
        yield from _table(
            "who|per CPU-second|(rounds)|per second|p50 ms|p99 ms|server ms|database ms|"
            "statements|MiB|generator",
            "lrrrrrrrrrr",
            (_row(label, row) for label, row in figures.items()),
        )
    if beside := results.get("storm"):
        yield "\n## Beside a storm of sign-ins\n"
        yield "Gated reads while eight connections do nothing but sign in, whole.\n"
        yield from _table(
            "gated reads|per second|p50 ms|p99 ms|sign-ins per second|aim|p99 over quiet|",
            "lrrrrlrl",
            _storm(beside),
        )
    if growth := results.get("growth"):
        yield "\n## Growth\n"
        yield "CPU milliseconds of a request, server and database; three sessions an account.\n"
        yield from _growth(growth)


def _aims(results: Mapping[str, Any]) -> Iterator[list[str]]:
    for target in TARGETS:
        ratio = target.ratio(results["operations"].get(target.operation, {}))
        if ratio is None:
            verdict, shown = "not measured", "–"
        else:
            verdict, shown = "reached" if ratio >= target.floor else "**missed**", f"{ratio:.2f} ×"
        yield [
            target.operation,
            " / ".join(target.others),
            f"≥ {target.floor:.2f} ×",
            shown,
            verdict,
        ]
    memories = [
        figures[LINGAUTH]["memory"]
        for figures in results["operations"].values()
        if LINGAUTH in figures
    ]
    if memories:
        most = max(memories)
        reached = "reached" if most <= MEMORY else "**missed**"
        yield ["resident memory", "a worker", f"≤ {MEMORY} MiB", f"{most:.0f} MiB", reached]


def _row(label: str, row: Mapping[str, Any]) -> list[str]:
    low, high = row["spread"]
    return [
        f"**{label}**" if label == LINGAUTH else label,
        f"{row['per_cpu_second']:,.0f}",
        f"{low:,.0f}–{high:,.0f}",
        f"{row['per_second']:,.0f}",
        f"{row['p50']:.1f}",
        f"{row['p99']:.1f}",
        f"{row['server_ms']:.2f}",
        f"{row['database_ms']:.2f}",
        "–" if row["statements"] is None else f"{row['statements']:g}",
        f"{row['memory']:.0f}",
        f"{row['load_share']:.0%}",
    ]


def _storm(beside: Mapping[str, Mapping[str, float]]) -> Iterator[list[str]]:
    quiet = next(iter(beside.values()))["p99"]
    for name, row in beside.items():
        times = row["p99"] / quiet
        yield [
            name,
            f"{row['per_second']:,.0f}",
            f"{row['p50']:.1f}",
            f"{row['p99']:.1f}",
            f"{row['sign_ins']:.0f}",
            "" if times == 1 else f"≤ {storm.AIM:.0f} ×",
            "" if times == 1 else f"{times:.1f} ×",
            "" if times == 1 else "reached" if times <= storm.AIM else "**missed**",
        ]


def _growth(growth: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    rows = []
    for operation, by_size in growth.items():
        costs = list(by_size.values())
        times = costs[-1] / min(costs[0], costs[-1])
        verdict = "reached" if times <= GROWTH else "**missed**"
        cells = [f"{cost:.2f}" for cost in costs]
        rows.append(
            [operation, *cells, f"≤ {GROWTH:.2f} ×", f"{costs[-1] / costs[0]:.2f} ×", verdict]
        )
    sizes = next(iter(growth.values()))
    head = "|".join(["operation", *(f"{size} accounts" for size in sizes), "aim", "growth", ""])
    yield from _table(head, "l" + "r" * (len(sizes) + 2) + "l", rows)


def _table(head: str, align: str, rows: Iterator[list[str]] | Sequence[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head.split("|")) + " |"
    yield "|" + "|".join("---:" if side == "r" else "---" for side in align) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    write(json.loads(Path(VAR / "results.json").read_text()))
