"""The page of the long runs: each part is written by itself, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reliability.page import __main__ as page
from reliability.page import chaos, fuzz, mutation, soak

WORDS = (
    "# Reliability\n\n<!-- soak -->\nold\n<!-- /soak -->\n\n<!-- fuzz -->\n<!-- /fuzz -->\nEnd.\n"
)
FAULT = {
    "words": "A worker is killed",
    "calls": 1_200,
    "answered": 1_190,
    "unavailable": 8,
    "unanswered": 2,
    "recovery": 0.4,
    "not_run": "",
}


def text(lines: Any) -> str:
    return "\n".join(lines)


def test_a_part_is_written_between_its_marks(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text(WORDS)
    page.put(file, "soak", "new")
    assert file.read_text() == WORDS.replace("old\n", "new\n")
    page.put(file, "soak", "newer\nand longer")
    assert file.read_text() == WORDS.replace("old\n", "newer\nand longer\n")


@pytest.mark.parametrize("name", ["chaos", "so", ""])
def test_a_part_that_is_not_there_is_an_error(tmp_path: Path, name: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(WORDS)
    with pytest.raises(ValueError, match="has no part"):
        page.put(file, name, "new")
    assert file.read_text() == WORDS


def test_the_page_has_every_part() -> None:
    words = page.PAGE.read_text()
    for name in page.PARTS:
        assert words.index(f"<!-- {name} -->\n") < words.index(f"<!-- /{name} -->\n")


def test_a_fault_that_was_not_run_and_a_promise_that_broke_are_told() -> None:
    away = FAULT | {"words": "The disk is full", "not_run": "Nothing may be mounted here."}
    never = FAULT | {"words": "A node is killed", "recovery": None}
    found = {
        "people": 16,
        "calls": 12_345,
        "faults": [FAULT, away, never],
        "promises": {"Nothing is accepted twice": [], "All is well again": ["It is not."]},
    }
    written = text(chaos.lines(found))
    assert "16 people made 12,345 calls." in written
    assert "| A worker is killed | 1,200 | 1,190 | 8 | 2 | 0.4 s |" in written
    assert "| The disk is full |  |  |  |  | not run: Nothing may be mounted here. |" in written
    assert "| A node is killed | 1,200 | 1,190 | 8 | 2 | never |" in written
    assert "* **Kept**: Nothing is accepted twice." in written
    assert "* **Broken**: All is well again.\n    * It is not." in written


def test_the_score_is_of_all_mutants_and_each_reason_is_counted() -> None:
    row = {"killed": 9, "survived": 1, "date": "2026-11-29", "commit": "abc"}
    stands = {
        "lingauth/core/totp.py": row,
        "lingauth/core/refresh.py": {**row, "date": "2026-11-28", "commit": "def"},
        "lingauth/services/social/flows.py": row,
    }
    reasons = {
        ("lingauth/core/totp.py", "code_of", "-1\n+2"): "Only a message changes",
        ("lingauth/core/refresh.py", "", "-1\n+2"): "Only a message changes",
        ("lingauth/core/not_run.py", "", "-1\n+2"): "Another",
    }
    written = text(mutation.lines(stands, reasons, ["lingauth/core/not_run.py"]))
    assert "Not run as they are now: `lingauth/core/not_run.py`." in written
    assert "2026-11-28 to 2026-11-29, commits `abc`, `def`: " in written
    assert "**90.0%**: of 30 mutants in 3 modules, 27 were noticed." in written
    assert "| `lingauth/core` | 20 | 18 | 90.0% |" in written
    assert "| `lingauth/services/social` | 10 | 9 | 90.0% |" in written
    assert "| Only a message changes | 2 |\n| No reason yet | 1 |" in written


def test_mistakes_are_told_and_503_is_no_failure() -> None:
    found: dict[str, Any] = {
        "calls": 10,
        "seed": 1,
        "kinds": {"right": 6, "hostile": 4},
        "statuses": {"a": {"200": 5, "503": 1}, "b": {"404": 4}},
        "mistakes": {},
    }
    written = text(fuzz.lines(found))
    assert "10 calls of 2 operations (seed 1)." in written
    assert "| 2xx | 5 |\n| 4xx | 4 |\n| 503 | 1 |" in written
    assert "**Nothing was wrong**" in written
    found["mistakes"] = {"k": {"count": 2, "operation": "a", "problem": "no code"}}
    written = text(fuzz.lines(found))
    assert "* **2 times** a: no code" in written
    assert "Nothing was wrong" not in written


def test_a_walk_says_how_far_it_went() -> None:
    found = {
        "steps": 1_000_000,
        "stories": 2_000,
        "batches": 150_000,
        "workers": 2,
        "seed": 1,
        "seconds": 2_400.5,
        "broken": [],
        "answers": {
            "Refresh 200": 700_000,
            "Prove 200": 200_000,
            "ReadNotes mfa_required": 100_000,
        },
    }
    written = text(soak.lines(found))
    assert "1,000,000 steps in 2,000 stories, and 150,000 times several" in written
    assert "**Each was as the model says**" in written
    assert "| `200` | 900,000 |\n| `mfa_required` | 100,000 |" in written
    written = text(soak.lines(found | {"broken": ["Refresh: 200, not 400"]}))
    assert "**1 were not as the model says.**" in written
    assert "Each was" not in written
