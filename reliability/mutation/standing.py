"""How each module stood when all its mutants last met all tests.

Kept with the code: a run of everything takes hours, and can be made in parts.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reliability.mutation.hunt import Verdict
from reliability.results import ROOT, circumstances

FILE = Path(__file__).parent / "standing.json"
Standing = dict[str, dict[str, Any]]
"""By path: how many mutants were ``killed`` and how many ``survived``, ``date`` and ``commit``."""


def read(file: Path = FILE) -> Standing:
    found: Standing = json.loads(file.read_text()) if file.exists() else {}
    return found


def counted(verdicts: Iterable[Verdict]) -> Mapping[str, Counter[str]]:
    """By path, how many were killed and how many survived. What is the same code is no mutant."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        if verdict.how != "same":
            found[verdict.mutant.path]["killed" if verdict.killed else "survived"] += 1
    return found


def update(verdicts: Iterable[Verdict], file: Path = FILE) -> None:
    """These are all that there are of their modules. What is no more stands no longer."""
    now = circumstances("mutation")
    standing = {path: row for path, row in read(file).items() if (ROOT / path).exists()}
    for path, numbers in counted(verdicts).items():
        standing[path] = {
            "killed": numbers["killed"],
            "survived": numbers["survived"],
            "date": now["date"],
            "commit": now["commit"],
        }
    rows = (f"{json.dumps(path)}: {json.dumps(standing[path])}" for path in sorted(standing))
    file.write_text("{\n" + ",\n".join(rows) + "\n}\n")
