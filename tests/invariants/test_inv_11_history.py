"""INV-11: what somebody does to the events past everything that refuses it is named afterwards.

Each test does what the owner of the database could, with the triggers away and everything that can
be computed without our key computed anew.
"""

from __future__ import annotations

import pytest

from lingauth.models import Event
from lingauth.services import purge
from lingauth.services.backends import NewBackend
from lingauth.services.history import checking
from tests.support.history import forge, happen, seal, sentences

pytestmark = pytest.mark.django_db


def test_what_nobody_touched_is_whole(story: list[int], made: NewBackend) -> None:
    happen(made.backend.pk)
    purge.purge()
    report = checking.check()
    assert report.whole
    assert (report.events, report.seals, report.newer) == (Event.objects.count() - 1, 7, 1)


def test_it_is_whole_after_the_backend_is_gone(story: list[int], made: NewBackend) -> None:
    key = made.backend.pk
    made.backend.delete()
    assert sentences() == []
    happen(key)
    (anchor,) = seal()
    assert str(anchor).startswith(f"_{key}:4:")
    assert sentences(anchor) == []


EDITS = {
    "kind": "'signed_in'",
    "result": "'refused'",
    "at": "'2026-01-01 00:00:00+00:00'",
    "actor_kind": "'service'",
    "actor_id": "'ann'",
    "account_uuid": "'00000000000000000000000000000005'",
    "session_id": "'00000000000000000000000000000005'",
    "request_id": "'x'",
    "ip": "NULL",
    "user_agent": "'A'",
    "data": "'{}'",
    "backend_id": "NULL",
}


@pytest.mark.parametrize("column", EDITS)
def test_a_changed_event_is_named(story: list[int], column: str) -> None:
    forge(f"UPDATE lingauth_event SET {column} = {EDITS[column]} WHERE id = %s", story[4])
    assert sentences() == [f"Event {story[4]} was changed."]


@pytest.mark.parametrize("place", [0, 4, 8], ids=["first", "middle", "last"])
def test_a_deleted_event_is_named(story: list[int], place: int) -> None:
    forge("DELETE FROM lingauth_event WHERE id = %s", story[place])
    assert sentences() == [f"Event {story[place]} is gone."]


def test_the_very_last_one_is_named_too(story: list[int]) -> None:
    last = Event.objects.latest("pk").pk
    forge("DELETE FROM lingauth_event WHERE id = %s", last)
    assert sentences() == [f"Event {last} is gone."]


def test_an_added_event_is_named(story: list[int], made: NewBackend) -> None:
    """With an id that was free."""
    forge("DELETE FROM lingauth_event WHERE id = %s", story[4])
    forge("DELETE FROM lingauth_event WHERE id = %s", story[0])
    Event(pk=story[4], backend=made.backend, kind="signed_in", actor_kind="account").save()
    Event(pk=-1, backend=made.backend, kind="signed_in", actor_kind="account").save()
    assert sentences() == [
        "Event -1 is in no seal: it was added later, or its seal is gone.",
        f"Event {story[0]} is gone.",
        f"Event {story[4]} was changed.",
    ]
    seal()
    assert len(sentences()) == 3, "it is not sealed later either"


def test_events_that_changed_places_are_named(story: list[int]) -> None:
    one, two = story[1], story[8]
    for old, new in ((one, 10**6), (two, one), (10**6, two)):
        forge("UPDATE lingauth_event SET id = %s WHERE id = %s", new, old)
    assert sentences() == [f"Event {one} was changed.", f"Event {two} was changed."]


def test_an_event_that_was_moved_to_another_backend_is_named(
    story: list[int], made: NewBackend, other: NewBackend
) -> None:
    forge("UPDATE lingauth_event SET backend_id = %s WHERE id = %s", other.backend.pk, story[4])
    assert sentences() == [f"Event {story[4]} was changed."]
    of_acme = checking.check(only=[made.backend.pk]).sentences()
    assert of_acme == [f"Event {story[4]} was changed: it is another backend's now."]
    of_rival = checking.check(only=[other.backend.pk]).sentences()
    assert of_rival == [f"Event {story[4]} is in no seal: it was added later, or its seal is gone."]
    assert checking.check(only=[None]).whole


def test_events_that_nobody_seals_are_told(made: NewBackend, clock: object) -> None:
    report = checking.check()
    assert report.whole
    assert report.newer == 1
    forge("UPDATE lingauth_event SET at = '2026-11-24 13:00:00+00:00'")
    (sentence,) = sentences()
    assert sentence == (
        "1 events are in no seal yet, the oldest of 2026-11-24 13:00:00 UTC: is seal_history run?"
    )


def test_of_many_findings_of_a_kind_the_first_are_told(made: NewBackend) -> None:
    happen(made.backend.pk, 30)
    seal()
    forge("UPDATE lingauth_event SET kind = 'signed_in' WHERE kind = 'signed_out'")
    found = sentences()
    assert len(found) == 21
    assert found[-1] == "And 10 more events changed."
