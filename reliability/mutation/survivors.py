"""What a run found: the score, and those that no test noticed."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reliability.mutation.hunt import Verdict
from reliability.results import read, record

KNOWN = Path(__file__).parent / "survivors.toml"
NAME = "mutation"
PART = "part"
Key = tuple[str, str, str]


def known() -> dict[Key, str]:
    """The survivors that are let live, with the reason."""
    entries = tomllib.loads(KNOWN.read_text()).get("survivor", []) if KNOWN.exists() else []
    return {(e["path"], e["function"], e["diff"].strip()): e["reason"] for e in entries}


def last(folder: Path) -> set[Key]:
    """The survivors of the last run, of all or of a part."""
    folders = [place for place in (folder, folder / PART) if (place / f"{NAME}.json").exists()]
    newest = max(
        folders, key=lambda place: (place / f"{NAME}.json").stat().st_mtime, default=folder
    )
    found = read(NAME, newest) or {}
    return {(s["path"], s["function"], s["diff"]) for s in found.get("survivors", [])}


def tell(verdicts: Sequence[Verdict], minutes: float, folder: Path, *, show: bool) -> None:
    """Print it, and leave it for the page."""
    counted = [v for v in verdicts if v.how != "same"]
    reasons = known()
    alive = sorted(
        (v for v in counted if not v.killed), key=lambda v: (v.mutant.path, v.mutant.lines)
    )
    modules: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in counted:
        modules[verdict.mutant.path]["killed" if verdict.killed else "survived"] += 1
    listed = [_entry(v, reasons) for v in alive]
    for path, numbers in sorted(modules.items()):
        print(f"{path:<50}{numbers['killed']:>6} killed {numbers['survived']:>5} survived")
    for entry in listed:
        if show or not entry["reason"]:
            print(f"\n{entry['path']}:{entry['line']} {entry['function']} ({entry['how']})")
            print(entry["diff"])
    killed = len(counted) - len(alive)
    score = killed / len(counted) if counted else 1.0
    new = sum(not entry["reason"] for entry in listed)
    print(
        f"\n{len(counted):,} mutants, {killed:,} killed: {score:.1%}. {len(alive):,} survived, "
        f"{new:,} of them without a reason. {minutes:.1f} min"
    )
    record(
        NAME,
        {
            "mutants": len(counted),
            "killed": killed,
            "score": score,
            "minutes": minutes,
            "how": Counter(v.how for v in verdicts),
            "modules": modules,
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
