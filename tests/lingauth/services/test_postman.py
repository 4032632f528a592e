"""The thread that sends waiting mail: when it looks again, and how it begins and ends."""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connections

from lingauth.services import postman as module
from lingauth.services.postman import Postman
from tests.support.noon import after

pytestmark = pytest.mark.once


class Started:
    """A thread that is never run."""

    all: list[dict[str, Any]]

    def __init__(self, **given: Any) -> None:
        self.given, self.joined = given, list[float | None]()
        type(self).all.append(given)

    def start(self) -> None:
        self.given["started"] = True

    def join(self, patience: float | None) -> None:
        self.joined.append(patience)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The threads that are."""
    Started.all = []
    monkeypatch.setattr(module, "Thread", Started)
    return Started.all


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the connections of the thread are closed."""
    times: list[int] = []
    monkeypatch.setattr(connections, "close_all", lambda: times.append(1))
    return times


class Script:
    """Rounds whose answers are known, run in this thread; how long each pause after one is."""

    def __init__(self, *answers: datetime | Exception | Callable[[], None] | None) -> None:
        self.answers = list(answers)
        self.pauses: list[float | None] = []
        self.postman = Postman(self.round)
        self.postman._condition.wait = self.pauses.append  # type: ignore[method-assign,assignment]  # no sleep

    def round(self) -> datetime | None:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer()
        return answer

    def run(self) -> list[float | None]:
        self.postman._run()
        assert self.answers == []
        assert self.postman._thread is None
        return self.pauses


def test_it_sleeps_until_the_next_is_due_a_second_at_least_and_a_minute_at_most(
    noon: time_machine.Traveller, closed: list[int]
) -> None:
    dues = [-60, 0, 0.5, 1, 1.5, 59, 60, 61, 7200]
    script = Script(*(after(due) for due in dues), None)
    assert script.run() == [1, 1, 1, 1, 1.5, 59, 60, 60, 60]
    assert len(closed) == 10


def test_after_trouble_it_sleeps_for_half_a_minute(
    noon: time_machine.Traveller, closed: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    assert Script(ZeroDivisionError("482913"), None).run() == [30]
    assert len(closed) == 2
    [record] = caplog.records
    assert (record.levelname, record.name) == ("ERROR", "lingauth.mail")
    assert record.getMessage() == "Waiting mail could not be looked at: ZeroDivisionError"


def test_called_during_a_round_it_goes_round_again_at_once(
    closed: list[int], started: list[dict[str, Any]]
) -> None:
    """What was left may have come after its look."""
    script = Script(None)
    script.postman.call()
    script.answers = [script.postman.call, None]
    assert script.run() == []
    assert len(started) == 1


def test_it_ends_after_the_round_in_which_it_is_closed(
    noon: time_machine.Traveller, closed: list[int]
) -> None:
    script = Script()

    def close() -> datetime:
        script.postman.close()
        return after(60)

    script.answers = [close]  # type: ignore[list-item]  # it answers
    assert script.run() == []


def test_it_is_a_daemon_that_people_can_tell_by_its_name(started: list[dict[str, Any]]) -> None:
    postman = Postman(lambda: None)
    assert started == []
    postman.call()
    postman.call()
    assert started == [
        {"target": postman._run, "name": "lingauth-mail", "daemon": True, "started": True}
    ]


def test_closed_it_begins_no_more(started: list[dict[str, Any]]) -> None:
    postman = Postman(lambda: None)
    postman.close()
    postman.call()
    assert started == []


def test_the_end_waits_for_five_seconds_unless_it_is_told_how_long(
    started: list[dict[str, Any]],
) -> None:
    postman = Postman(lambda: None)
    postman.call()
    thread: Any = postman._thread
    postman.close()
    postman.close(0.5)
    assert thread.joined == [5.0, 0.5]


def test_it_is_closed_at_the_end_of_the_process_and_as_new_in_a_child(
    monkeypatch: pytest.MonkeyPatch, started: list[dict[str, Any]]
) -> None:
    at_fork: list[Any] = []
    at_exit: list[Any] = []
    monkeypatch.setattr(os, "register_at_fork", lambda **given: at_fork.append(given))
    monkeypatch.setattr(atexit, "register", at_exit.append)
    postman = Postman(lambda: None)
    assert (at_fork, at_exit) == ([{"after_in_child": postman._forget}], [postman.close])
    postman.call()
    postman.close()
    condition = postman._condition
    postman._forget()
    assert postman._condition is not condition
    assert (postman._thread, postman._called, postman._closing) == (None, False, False)
    postman.call()
    assert len(started) == 2


def test_a_call_wakes_it_and_so_does_the_end() -> None:
    rounds: list[int] = []

    def round_() -> datetime:
        rounds.append(1)
        return datetime.now().astimezone().replace(year=9999)

    postman = Postman(round_)
    postman.call()
    until(lambda: len(rounds) == 1 and not postman._called)
    time.sleep(0.05)
    postman.call()
    until(lambda: len(rounds) >= 2)
    postman.close(5)
    assert postman._thread is None


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
