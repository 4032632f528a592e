"""Progress as a log shows it, and as a terminal does."""

from __future__ import annotations

import io
import json
from pathlib import Path
from threading import Thread

import pytest

from reliability import progress, results
from reliability.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_in_the_end() -> None:
    out = io.StringIO()
    with Progress("soak", 2_000, "steps", out) as bar:
        bar.step(500)
        bar.say("seed 7")
    assert out.getvalue() == "soak: 500 of 2,000 steps (25%) in 0 s seed 7\n"


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    out = io.StringIO()
    with Progress("soak", 3, "steps", out) as bar:
        for _ in range(3):
            bar.step()
    assert len(out.getvalue().splitlines()) == 4


def test_a_terminal_gets_a_bar() -> None:
    out = Terminal()
    with Progress("soak", 2, "steps", out) as bar:
        bar.step(2)
    assert "soak" in out.getvalue()
    assert "2/2" in out.getvalue()


def test_steps_of_many_threads_are_all_counted() -> None:
    with Progress("soak", 4_000, "steps", io.StringIO()) as bar:

        def walk() -> None:
            for _ in range(1_000):
                bar.step()

        threads = [Thread(target=walk) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert bar.done == 4_000


def test_a_result_says_when_and_on_what_it_was_made(tmp_path: Path) -> None:
    assert results.read("soak", tmp_path) is None
    file = results.record("soak", {"steps": 5}, tmp_path)
    found = results.read("soak", tmp_path)
    assert found == json.loads(file.read_text())
    assert found is not None
    assert found["steps"] == 5
    assert {"date", "command", "commit", "cores", "python", "django"} <= found.keys()
