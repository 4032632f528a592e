"""What a check finds: each by its sentence and its kind, from rows and seals made for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from lingauth.core import history
from lingauth.models import Backend, Event, HistorySeal
from lingauth.services.history import checking, report, sealing, settled
from lingauth.services.history.chains import Anchor, Names
from lingauth.services.history.report import Report
from tests.support.history import happen, seal
from tests.support.noon import NOON, after

pytestmark = pytest.mark.django_db
ONE, TWO = b"1" * 32, b"2" * 32


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Report:
    """Which of its findings are told by their kind alone."""
    monkeypatch.setattr(report, "KEPT", 0)
    return Report()


def rows(*found: tuple[int, bytes]) -> Iterator[tuple[int, bytes]]:
    return iter(found)


def test_events_that_are_not_as_they_were_sealed() -> None:
    found = Report()
    sealed = rows((1, ONE), (2, ONE), (3, ONE), (6, ONE), (8, ONE), (9, ONE))
    checking._compare(sealed, rows((3, ONE), (5, ONE), (6, TWO)), found)
    assert found.events == 2
    assert found.sentences() == [
        "Event 1 is gone.",
        "Event 2 is gone.",
        "Event 5 is in no seal: it was added later, or its seal is gone.",
        "Event 6 was changed.",
        "Event 8 is gone.",
        "Event 9 is gone.",
    ]


def test_events_after_the_last_that_was_sealed() -> None:
    found = Report()
    checking._compare(rows((1, ONE)), rows((2, ONE)), found)
    assert found.sentences() == [
        "Event 1 is gone.",
        "Event 2 is in no seal: it was added later, or its seal is gone.",
    ]


def test_the_kinds_of_events(counted: Report) -> None:
    (here,) = happen(None)
    checking._compare(rows((1, ONE), (2, ONE)), rows((1, TWO), (3, ONE)), counted)
    checking._gone(here, counted)
    assert counted.sentences() == [
        "And 2 more events changed.",
        "And 1 more events gone.",
        "And 1 more events in no seal.",
    ]


def test_the_kinds_of_seals(counted: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    happen(None, 3)
    first = sealing._following(None, None, [(1, ONE)])
    second = sealing._following(first, None, [(2, ONE)])
    third = sealing._following(second, None, [(3, ONE)])
    third.head, third.mark = ONE, TWO
    monkeypatch.setattr(checking, "_seals", lambda backend_id, reach: iter([second, third]))
    assert list(checking._sealed(None, 3, None, Names(), counted)) == [(2, ONE), (3, ONE)]
    made_up = Anchor("_", 7, ONE)
    assert checking._look_for([made_up, made_up], Names(), counted) == {}
    assert counted.heads == 2
    assert counted.sentences() == [
        "And 1 more seals gone.",
        "And 1 more seals changed.",
        "And 1 more seals in doubt.",
        "And 2 more heads not there.",
    ]


def test_what_is_in_doubt_is_told_from_gap_to_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    happen(None, 3)
    first = sealing._following(None, None, [(1, ONE)])
    second = sealing._following(first, None, [(2, ONE)])
    third = sealing._following(second, None, [(3, ONE)])
    first.mark = third.mark = TWO
    monkeypatch.setattr(checking, "_seals", lambda backend_id, reach: iter([first, third]))
    found = Report()
    list(checking._sealed(None, 3, None, Names(), found))
    gone, *doubts = found.sentences()
    assert gone.startswith("Seal 2 of ")
    assert [sentence.partition(" of ")[0] for sentence in doubts] == ["Seal 1", "Seal 3"]


def test_a_head_is_of_all_that_its_seal_says(noon: time_machine.Traveller) -> None:
    backend = Backend.objects.create(ref="acme", name="Acme")
    first, second = happen(backend.pk, 2)
    seal()
    third = happen(backend.pk)[0]
    noon.shift(60)
    seal()
    one, two = HistorySeal.objects.order_by("number")
    assert (one.sealed_at, two.sealed_at) == (NOON, after(60))
    assert (one.last_event_id, two.last_event_id) == (second, third)
    values = {"backend_id": backend.pk, "form": 1}
    head = history.head(
        b"", number=1, last_event_id=second, sealed_at=NOON, rows=bytes(one.rows), **values
    )
    assert bytes(one.head) == head
    head = history.head(
        head, number=2, last_event_id=third, sealed_at=after(60), rows=bytes(two.rows), **values
    )
    assert bytes(two.head) == head
    assert [key for key, _ in history.unpacked(one.rows)] == [first, second]


def test_events_are_overdue_after_an_hour(noon: time_machine.Traveller, counted: Report) -> None:
    happen(None)
    for seconds, is_whole in ((3600, True), (3601, False)):
        noon.move_to(NOON + timedelta(seconds=seconds))
        found = checking.check()
        assert (found.whole, found.newer, found.oldest_newer) == (is_whole, 1, NOON)
    assert found.sentences() == ["And 1 more events overdue."]


def test_newer_events_are_counted_of_the_chains_that_are_asked_for() -> None:
    one, two = (Backend.objects.create(ref=ref, name=ref).pk for ref in ("one", "two"))
    happen(one)
    happen(two, 2)
    assert [checking.check(only=[key]).newer for key in (one, two, None)] == [1, 2, 0]


def test_what_is_sealed_meanwhile_is_left_for_the_next_check() -> None:
    (first,) = happen(None)
    seal()
    happen(None)
    seal()
    assert [found.number for found in checking._seals(None, first)] == [1]


def test_what_somebody_sealed_further_on_is_nothing_to_seal() -> None:
    """They began after us, and were first."""
    first, second = happen(None, 2)
    [found] = sealing._seal(first, ())
    assert [key for key, _ in history.unpacked(found.rows)] == [first]
    seal()
    assert HistorySeal.objects.reach() == second
    assert sealing._seal(first, ()) == []


def test_it_waits_as_long_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def newest(*, patience: float) -> int:
        asked.append(patience)
        return 0

    monkeypatch.setattr(settled, "newest", newest)
    assert list(sealing.seal()) == list(sealing.seal(patience=2)) == []
    assert asked == [30, 2]
    assert Event.objects.count() == 0
