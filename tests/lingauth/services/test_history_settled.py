"""Up to which event one may seal on PostgreSQL: whom it waits for, and for how long.

The races themselves are in ``tests/concurrency``.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from lingauth.core.errors import Unavailable
from lingauth.services.history import settled
from tests.support.history import happen

pytestmark = pytest.mark.django_db


class Clock:
    """Goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += 0.25


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(settled, "time", clock)
    postgresql = SimpleNamespace(vendor="postgresql")
    monkeypatch.setattr(settled, "connections", {"default": postgresql})
    return clock


def writers(monkeypatch: pytest.MonkeyPatch, *seen: set[str]) -> None:
    """Who holds a lock, each time one looks; the last of these for ever."""
    left = list(seen)
    monkeypatch.setattr(settled, "_writers", lambda: left.pop(0) if left[1:] else left[0])


def test_the_newest_there_is_where_nobody_writes(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settled.last_id() == 0
    writers(monkeypatch, set())
    assert settled.newest(patience=0) == 0
    *_, last = happen(None, 3)
    assert settled.newest(patience=0) == settled.last_id() == last
    assert clock.slept == []


def test_it_waits_for_those_who_wrote_then_and_not_for_who_comes_later(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (last,) = happen(None)
    writers(monkeypatch, {"one", "two"}, {"two", "three"}, {"one", "two", "three"}, {"one"})
    assert settled.newest(patience=30) == last
    assert clock.slept == [0.05, 0.05, 0.05]


def test_what_is_written_while_it_waits_is_for_the_next_time(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (last,) = happen(None)

    def writes() -> set[str]:
        happen(None)
        return {"one"} if clock.now < 0.25 else set()

    monkeypatch.setattr(settled, "_writers", writes)
    assert settled.newest(patience=30) == last


def test_its_patience_ends(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.now = 100.0
    writers(monkeypatch, {"one"})
    with pytest.raises(Unavailable) as refused:
        settled.newest(patience=0.5)
    assert refused.value.message == (
        "A transaction that writes events has been open for 0.5 seconds, so nothing was sealed. "
        "It will be when that is over."
    )
    assert len(clock.slept) == 3


def test_the_writers_are_those_with_a_lock_on_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Cursor:
        def execute(self, statement: str, parameters: list[str]) -> None:
            asked.append((statement, parameters))

        def fetchall(self) -> list[tuple[str]]:
            return [("3/17",), ("4/2",)]

    @contextmanager
    def cursor() -> Any:
        yield Cursor()

    monkeypatch.setattr(settled, "connections", {"default": SimpleNamespace(cursor=cursor)})
    assert settled._writers() == {"3/17", "4/2"}
    assert asked == [(settled._WRITERS, ["lingauth_event"])]
