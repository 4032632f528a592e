"""Verdicts as they come, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from reliability.mutation.hunt import Verdict
from reliability.mutation.mutants import Mutant, files
from reliability.mutation.plan import Plan
from reliability.results import ROOT

_CODE = ("console", "lingauth", "project", "reliability", "tests")
_HOW_ONLY = {"afresh", "folder", "jobs", "show"}
"""Of a plan, what changes no verdict."""

_Place = tuple[str, int, int, str]


class Journal:
    """``goes_on`` if ``file`` is of a run of this plan, with the code and the tests of now.
    Otherwise it begins anew."""

    def __init__(self, file: Path, plan: Plan) -> None:
        self._file = file
        self._begun = time.monotonic()
        self._before = 0.0
        self._known: dict[_Place, tuple[str, str]] = {}
        head = _head(plan)
        # What is after the last end of a line was not written to its end.
        lines = file.read_text().split("\n")[:-1] if file.exists() else []
        self.goes_on = lines[:1] == [head]
        kept = lines[1:] if self.goes_on else []
        for line in kept:
            place, how, by, self._before = json.loads(line)
            self._known[tuple(place)] = how, by
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in (head, *kept)))

    def verdicts(self, mutants: Sequence[Mutant]) -> list[Verdict]:
        """Those that are known."""
        return [
            Verdict(mutant, *known)
            for mutant in mutants
            if (known := self._known.get(_place(mutant))) is not None
        ]

    def write(self, verdict: Verdict) -> None:
        """May be called in any fork."""
        line = json.dumps([_place(verdict.mutant), verdict.how, verdict.by, self.seconds])
        with self._file.open("a") as file:
            file.write(line + "\n")

    @property
    def seconds(self) -> float:
        """How long the run has taken, without the time that it was stopped for."""
        return self._before + time.monotonic() - self._begun

    def close(self) -> None:
        """The run is over."""
        self._file.unlink()


def _place(mutant: Mutant) -> _Place:
    return mutant.path, mutant.start, mutant.end, mutant.text


def _head(plan: Plan) -> str:
    asked = {name: value for name, value in asdict(plan).items() if name not in _HOW_ONLY}
    code = hashlib.sha256()
    for path in files(_CODE):
        code.update(f"{path}\n".encode() + (ROOT / path).read_bytes())
    return json.dumps({"asked": asked, "code": code.hexdigest()})
