"""In what order a mutant meets the tests."""

from __future__ import annotations

from pathlib import Path

from reliability.mutation.choice import Choice
from reliability.mutation.learned import Known, Learned
from reliability.mutation.mutants import Mutant

NAMED = "tests/lingauth/test_tokens.py::test_one"
IMPORTING = "tests/lingauth/test_token_forms.py::test_one"
FAR, FURTHER = (
    "tests/lingauth/core/test_totp.py::test_one",
    "tests/lingauth/core/test_gate.py::test",
)
SECONDS = {NAMED: 4.0, IMPORTING: 3.0, FURTHER: 2.0, FAR: 1.0}


def choice(tmp_path: Path, running: set[str]) -> Choice:
    """Among the four. Only those in ``running`` run the line 5 of the tokens."""
    learned = Learned("lingauth", tmp_path / "learned.json")
    for test, seconds in SECONDS.items():
        lines = {"lingauth/tokens.py": [5]} if test in running else {}
        learned.known[test] = Known(seconds, True, "", lines)
    return Choice(learned, list(SECONDS))


def mutant(function: str) -> Mutant:
    return Mutant("lingauth/tokens.py", function, (5,), 0, 1, "x", "")


def test_the_modules_own_come_first_then_those_that_import_it(tmp_path: Path) -> None:
    """Then the others, the quickest first."""
    met = choice(tmp_path, set(SECONDS)).of(mutant("mint"))
    assert met == [NAMED, IMPORTING, FAR, FURTHER]


def test_what_runs_at_import_is_met_by_those_that_import_it_too(tmp_path: Path) -> None:
    some = choice(tmp_path, {FAR})
    assert some.of(mutant("")) == [NAMED, IMPORTING, FAR]
    assert some.of(mutant("mint")) == [FAR]
