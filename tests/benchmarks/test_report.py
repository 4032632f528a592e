"""The pages that a run writes: figures, verdicts, pictures, and words for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import report
from benchmarks.sites import ALLAUTH, ALLAUTH_JWT, BARE, LINGAUTH, SIMPLEJWT

PAGE = f"Words before.\n\n{report.BEGIN}old\n{report.END}\nWords after.\n"


def row(*rounds: float, p99: float | None = 9.0, memory: float = 107) -> dict[str, Any]:
    middle = sorted(rounds)[len(rounds) // 2]
    return {
        "rounds": list(rounds),
        "per_cpu_second": middle,
        "cpu_ms": 1000 / middle,
        "per_second": 10,
        "p50": 1.0,
        "p99": p99,
        "server_ms": 1.0,
        "database_ms": 1.0,
        "statements": 1,
        "memory": memory,
        "memory_busy": 145 if memory == 107 else memory,
        "load_share": 0.03,
    }


RESULTS = {
    "machine": {
        "date": "2030-01-01",
        "class": "a machine",
        "versions": "versions",
        "busy": False,
        "command": "python -m benchmarks",
    },
    "minutes": 1,
    "operations": {
        "gated read": {
            LINGAUTH: row(1400, 1500, 1600),
            BARE: row(3000, 3000, 3000),
            SIMPLEJWT: row(450, 500, 550, p99=None, memory=80),
        },
        "refresh": {
            LINGAUTH: row(400, 400, 400),
            ALLAUTH: row(90, 100, 110),
            ALLAUTH_JWT: row(190, 200, 210),
        },
    },
    "storm": {
        "no storm": {
            "per_second": 9,
            "p50": 1,
            "p99": 2,
            "p99_rounds": [2, 2, 2],
            "sign_ins": 0,
        },
        "storm": {
            "per_second": 9,
            "p50": 1,
            "p99": 5,
            "p99_rounds": [4, 5, 5],
            "sign_ins": 20,
        },
    },
    "growth": {
        "sizes": {"1,000": 2**20, "1,000,000": 3 * 2**30},
        "operations": {
            "refresh": {"1,000": row(*[100] * 9), "1,000,000": row(*[50] * 9)},
        },
    },
}


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a run writes, by the name in ``report``."""
    for name in ("PAGE", "README", "PICTURE", "BRIEF"):
        file = tmp_path / getattr(report, name).name
        file.write_text(PAGE)
        monkeypatch.setattr(report, name, file)
    report.write(RESULTS)
    return {
        name: getattr(report, name).read_text() for name in ("PAGE", "README", "PICTURE", "BRIEF")
    }


def lines(text: str, *parts: str) -> list[str]:
    return [line for line in text.splitlines() if all(part in line for part in parts)]


@pytest.mark.parametrize("name", ["PAGE", "README"])
def test_what_people_wrote_stays(written: dict[str, str], name: str) -> None:
    assert written[name].startswith("Words before.\n\n<!--")
    assert written[name].endswith("-->\n\nWords after.\n")
    assert "old" not in written[name]


def test_the_page_says_what_rounds_leave_open(written: dict[str, str]) -> None:
    page = written["PAGE"]
    [aim] = lines(page, "| gated read | simplejwt", "≥ 3.00 ×")
    assert aim.endswith("| 3.00 × | 2.91–3.11 | reached, open |")
    [aim] = lines(page, "| gated read | limit: bare", "≥ 0.33 ×")
    assert aim.endswith("| 0.50 × | 0.47–0.53 | reached |")
    # Of the two of allauth's the better one counts.
    [aim] = lines(page, "| refresh | allauth")
    assert aim.endswith("| 2.00 × | 1.90–2.11 | **missed** |")
    assert len(lines(page, "not measured")) > 5
    [memory] = lines(page, "resident memory")
    assert memory.endswith("| 107 MiB | 145 at once | reached |")
    [storm] = lines(page, "| storm |")
    assert storm.endswith("| ≤ 3 × | 2.50 × | 2.00–2.50 | reached |")
    [growth] = lines(page, "| refresh | 10.00 | 20.00 |")
    assert growth.endswith("| ≤ 1.15 × | 2.00 × | 2.00–2.00 | **missed** |")
    assert "1,000,000 accounts, 3.0 GiB" in page


def test_a_row_has_its_rounds_and_no_p99_of_few_requests(written: dict[str, str]) -> None:
    [own] = lines(written["PAGE"], "**LingAuth** | 1,500")
    assert own.split(" | ")[2:] == (
        ["1,400–1,600", "10", "1.0", "9.0", "1.00", "1.00", "1", "107 (145)", "3% |"]
    )
    [peer] = lines(written["PAGE"], "| simplejwt + django-otp | 500")
    assert peer.split(" | ")[5] == "–"
    assert peer.split(" | ")[9] == "80"


def test_the_readme_has_the_picture_in_words(written: dict[str, str]) -> None:
    assert (
        "![Requests per CPU-second. gated read: LingAuth 1,500, simplejwt + otp 500; "
        "refresh: LingAuth 400, allauth 200](docs/images/performance-brief.svg)"
    ) in written["README"]


def test_the_pictures_are_to_scale(written: dict[str, str]) -> None:
    for name, bars in (("PICTURE", 460), ("BRIEF", 160)):
        drawing = ElementTree.fromstring(written[name])
        found = [
            (one.get("class"), float(one.get("width") or 0))
            for one in drawing.iter("{http://www.w3.org/2000/svg}rect")
        ]
        assert (("limit", float(bars)) in found) == (name == "PICTURE")
        assert ("own", bars / 2 if name == "PICTURE" else bars) in found
        assert drawing.find("{http://www.w3.org/2000/svg}title") is not None
        assert "prefers-color-scheme: dark" in written[name]
