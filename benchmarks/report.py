"""Writes what was measured into ``docs/performance.md`` and the README, and draws it.

Only what stands between the two marks of either is written; the rest is people's words.
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

from benchmarks import brief, chart, growth, storm
from benchmarks.environments import VAR
from benchmarks.processes import ROOT
from benchmarks.sites import LINGAUTH
from benchmarks.spread import Ratio
from benchmarks.targets import MEMORY, TARGETS

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "images" / "performance.svg"
README = ROOT / "README.md"
BRIEF = ROOT / "docs" / "images" / "performance-brief.svg"
TITLE = "Requests per CPU-second of server and database together: longer is better"
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
    """The page's tables, the README's words, and the picture of each."""
    _put(PAGE, "\n".join(_lines(results)))
    PICTURE.write_text(chart.draw(chart.groups(results["operations"]), [TITLE]))
    shown = brief.groups(results["operations"])
    _put(README, f"![{brief.words(shown)}](docs/images/{BRIEF.name})")
    BRIEF.write_text(brief.draw(shown))


def _put(page: Path, text: str) -> None:
    """Between the marks of a page."""
    head, _, rest = page.read_text().partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(head + BEGIN + text + "\n" + END + tail)


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
    yield "*Open*: the rounds lie on both sides of the aim, so this run does not decide it.\n"
    yield from _table("operation|against|aim|measured|(rounds)|", "lllrrl", _aims(results))
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
            "gated reads|per second|p50 ms|p99 ms|sign-ins per second|aim|p99 over quiet|(rounds)|",
            "lrrrrlrrl",
            _storm(beside),
        )
    if grown := results.get("growth"):
        yield "\n## Growth\n"
        yield "CPU milliseconds of a request, server and database; three sessions an account.\n"
        sizes = grown["sizes"]
        yield from _table(
            "|".join(
                [
                    "operation",
                    *(f"{size} accounts, {_bytes(size_of)}" for size, size_of in sizes.items()),
                    "aim|growth|(rounds)|",
                ]
            ),
            "l" + "r" * (len(sizes) + 3) + "l",
            growth.rows(grown["operations"]),
        )


def _bytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count > 2**30 else f"{count / 2**20:.0f} MiB"


def _aims(results: Mapping[str, Any]) -> Iterator[list[str]]:
    for target in TARGETS:
        ratio = target.ratio(results["operations"].get(target.operation, {}))
        yield [
            target.operation,
            " / ".join(target.others),
            f"≥ {target.floor:.2f} ×",
            *(
                ["–", "", "not measured"]
                if ratio is None
                else [str(ratio), ratio.bounds, ratio.verdict(floor=target.floor)]
            ),
        ]
    rows = [row[LINGAUTH] for row in results["operations"].values() if LINGAUTH in row]
    if rows:
        most, busy = (max(row[key] for row in rows) for key in ("memory", "memory_busy"))
        yield [
            *("resident memory", "a worker, after load", f"≤ {MEMORY} MiB", f"{most:.0f} MiB"),
            *(f"{busy:.0f} at once", "reached" if most <= MEMORY else "**missed**"),
        ]


def _row(label: str, row: Mapping[str, Any]) -> list[str]:
    low, high = min(row["rounds"]), max(row["rounds"])
    return [
        f"**{label}**" if label == LINGAUTH else label,
        f"{row['per_cpu_second']:,.0f}",
        f"{low:,.0f}–{high:,.0f}",
        f"{row['per_second']:,.0f}",
        f"{row['p50']:.1f}",
        "–" if row["p99"] is None else f"{row['p99']:.1f}",
        f"{row['server_ms']:.2f}",
        f"{row['database_ms']:.2f}",
        "–" if row["statements"] is None else f"{row['statements']:g}",
        _memory(row),
        f"{row['load_share']:.0%}",
    ]


def _memory(row: Mapping[str, Any]) -> str:
    """MiB, and in brackets those right after the load if they were others."""
    now, busy = f"{row['memory']:.0f}", f"{row['memory_busy']:.0f}"
    return now if now == busy else f"{now} ({busy})"


def _storm(beside: Mapping[str, Mapping[str, Any]]) -> Iterator[list[str]]:
    quiet = next(iter(beside.values()))["p99_rounds"]
    for name, row in beside.items():
        ratio = Ratio.of(row["p99_rounds"], quiet)
        verdict = ratio.verdict(ceiling=storm.AIM)
        aim = [f"≤ {storm.AIM:.0f} ×", str(ratio), ratio.bounds, verdict]
        yield [
            name,
            f"{row['per_second']:,.0f}",
            f"{row['p50']:.1f}",
            f"{row['p99']:.1f}",
            f"{row['sign_ins']:.0f}",
            *(aim if row["sign_ins"] else [""] * len(aim)),
        ]


def _table(head: str, align: str, rows: Iterator[list[str]] | Sequence[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head.split("|")) + " |"
    yield "|" + "|".join("---:" if side == "r" else "---" for side in align) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    write(json.loads(Path(VAR / "results.json").read_text()))
