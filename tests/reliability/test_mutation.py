"""Mutants that must be noticed are, and those that cannot be are told."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reliability.mutation import mutants, standing, survivors
from reliability.mutation.hunt import Verdict
from reliability.mutation.journal import Journal
from reliability.mutation.plan import Plan
from reliability.results import ROOT

pytestmark = pytest.mark.once
MODULE = "tests/reliability/mutated/ages.py"
PLAN = Plan(
    only=(MODULE,),
    tests=(),
    package="tests/reliability/mutated",
    bodies=False,
    again=False,
    afresh=False,
    sample=None,
    seed=0,
    jobs=1,
    budget=8.0,
    show=False,
    folder=Path(),
)


def run(folder: Path, *arguments: str) -> dict[str, Any]:
    """What a run leaves; ``said`` is what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "reliability.mutation", "--folder", str(folder), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((folder / "mutation.json").read_text())
    return {**found, "said": done.stdout}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A run over the module whose tests are good in parts."""
    folder = tmp_path_factory.mktemp("mutation")
    tests = MODULE.replace("ages", "try_ages")
    return run(folder, "--only", MODULE, "--tests", tests, "--package", "tests/reliability/mutated")


def survived(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["function"], one["diff"].partition("\n")[2]) for one in found["survivors"]}


def test_a_boundary_that_is_tested_is_noticed(found: dict[str, Any]) -> None:
    assert not {one for one in survived(found) if one[0] == "is_grown_up"}


def test_one_that_is_not_tested_is_told(found: dict[str, Any]) -> None:
    assert ("Visitor.is_senior", "+return self.age > SENIOR") in survived(found)
    assert "+return self.age > SENIOR" in found["said"]
    assert ("Visitor.is_senior", "+return None") not in survived(found)


def test_tests_that_fail_without_a_mutant_notice_nothing(found: dict[str, Any]) -> None:
    assert ("is_child", "+return age <= 12") in survived(found)
    assert ("is_child", "+return None") in survived(found)


def test_what_nobody_runs_is_told(found: dict[str, Any]) -> None:
    unreached = {one["function"] for one in found["survivors"] if one["how"] == "unreached"}
    assert unreached == {"group"}


def test_what_runs_at_import_is_changed_too(found: dict[str, Any]) -> None:
    alive = {diff for function, diff in survived(found) if not function}
    assert "+SENIOR = 66" in alive
    assert "+GROWN_UP = 19" not in alive


def test_one_that_never_ends_is_ended(found: dict[str, Any]) -> None:
    assert found["how"]["hung"] >= 1


def test_the_score_counts_all_survivors(found: dict[str, Any]) -> None:
    alive = len(found["survivors"])
    assert found["killed"] + alive == found["mutants"]
    assert found["score"] == found["killed"] / found["mutants"]


def test_some_of_the_core(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        *("--only", "lingauth/core/pkce.py", "--tests", "tests/lingauth/core/test_pkce.py"),
        *("--bodies", "--sample", "12", "--seed", "3"),
    )
    assert found["mutants"] >= 10
    assert found["score"] > 0.7


def judged(folder: Path, **asked: Any) -> tuple[Journal, list[Verdict]]:
    """A journal as a run that begins now has it, and what it knows of the first mutants."""
    plan = replace(PLAN, folder=folder, **asked)
    journal = Journal(folder / "mutation.journal", plan)
    return journal, journal.verdicts(mutants.of_file(MODULE)[:3])


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    first, second, third = mutants.of_file(MODULE)[:3]
    journal, nothing = judged(tmp_path)
    assert (journal.goes_on, nothing) == (False, [])
    found = [Verdict(first, "survived"), Verdict(second, "noticed", "test_of_it")]
    for verdict in found:
        journal.write(verdict)
    took = journal.seconds
    with (tmp_path / "mutation.journal").open("a") as file:
        file.write('[["half of a')
    journal, known = judged(tmp_path, jobs=7)
    assert (journal.goes_on, known) == (True, found)
    assert journal.seconds >= took
    journal.write(Verdict(third, "hung"))
    journal, known = judged(tmp_path)
    assert known == [*found, Verdict(third, "hung")]
    journal.close()
    assert not judged(tmp_path)[0].goes_on


def test_another_run_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, _ = judged(tmp_path)
    journal.write(Verdict(mutants.of_file(MODULE)[0], "survived"))
    journal, known = judged(tmp_path, budget=9.0)
    assert (journal.goes_on, known) == (False, [])
    journal.write(Verdict(mutants.of_file(MODULE)[0], "survived"))
    monkeypatch.setattr("reliability.mutation.journal._CODE", ("lingauth",))
    assert judged(tmp_path, budget=9.0)[1] == []


def test_how_a_module_stands_is_what_its_last_run_came_to(tmp_path: Path) -> None:
    first, second, third = mutants.of_file(MODULE)[:3]
    file = tmp_path / "standing.json"
    other = "lingauth/core/totp.py"
    gone = "lingauth/core/is_no_more.py"
    row = {"killed": 9, "survived": 1, "date": "2026-01-31", "commit": "abc"}
    file.write_text(json.dumps({MODULE: row, other: row, gone: row}))
    verdicts = [Verdict(first, "noticed", "a test"), Verdict(second, "unreached")]
    standing.update([*verdicts, Verdict(third, "same")], file)
    found = standing.read(file)
    assert found.keys() == {MODULE, other}
    assert found[other] == row
    assert (found[MODULE]["killed"], found[MODULE]["survived"]) == (1, 1)
    assert found[MODULE]["date"] > row["date"]


def test_each_survivor_with_a_reason_is_a_mutant_still() -> None:
    known = survivors.known()
    there = {mutant.key for path in {key[0] for key in known} for mutant in mutants.of_file(path)}
    assert not known.keys() - there
