"""What a run found: the score, and those that no test noticed."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reliability.mutation.hunt import Verdict
from reliability.mutation.standing import counted
from reliability.results import read, record

KNOWN = Path(__file__).parent / "survivors.toml"
NAME = "mutation"
Key = tuple[str, str, str]


def known() -> dict[Key, str]:
    """The survivors that are let live, with the reason."""
    entries = tomllib.loads(KNOWN.read_text()).get("survivor", []) if KNOWN.exists() else []
    return {(e["path"], e["function"], e["diff"].strip()): e["reason"] for e in entries}


def last(folder: Path) -> set[Key]:
    """The survivors of the last run, of all or of a part."""
    found = read(NAME, folder) or {}
    return {(s["path"], s["function"], s["diff"]) for s in found.get("survivors", [])}


def tell(verdicts: Sequence[Verdict], minutes: float, folder: Path, *, show: bool) -> None:
    """Print it, and leave it for ``--again``."""
    reasons = known()
    alive = sorted(
        (v for v in verdicts if v.how != "same" and not v.killed),
        key=lambda v: (v.mutant.path, v.mutant.lines),
    )
    modules = counted(verdicts)
    listed = [_entry(v, reasons) for v in alive]
    for path, numbers in sorted(modules.items()):
        print(f"{path:<50}{numbers['killed']:>6} killed {numbers['survived']:>5} survived")
    for entry in listed:
        if show or not entry["reason"]:
            print(f"\n{entry['path']}:{entry['line']} {entry['function']} ({entry['how']})")
            print(entry["diff"])
    total = sum(numbers.total() for numbers in modules.values())
    killed = total - len(alive)
    score = killed / total if total else 1.0
    new = sum(not entry["reason"] for entry in listed)
    print(
        f"\n{total:,} mutants, {killed:,} killed: {score:.1%}. {len(alive):,} survived, "
        f"{new:,} of them without a reason. {minutes:.1f} min"
    )
    record(
        NAME,
        {
            "mutants": total,
            "killed": killed,
            "score": score,
            "how": Counter(v.how for v in verdicts),
            "survivors": listed,
        },
        folder,
    )


def _entry(verdict: Verdict, reasons: dict[Key, str]) -> dict[str, Any]:
    mutant = verdict.mutant
    return {
        "path": mutant.path,
        "line": mutant.lines[0],
        "function": mutant.function,
        "diff": mutant.diff,
        "how": verdict.how,
        "reason": reasons.get(mutant.key, ""),
    }
