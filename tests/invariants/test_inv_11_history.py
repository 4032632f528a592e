"""INV-11: what somebody does to the events past everything that refuses it is named afterwards.

Each test does what the owner of the database could, with the triggers away and everything that can
be computed without our key computed anew.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lingauth.core import history
from lingauth.core.errors import Conflict
from lingauth.models import Event, HistorySeal
from lingauth.services import events, purge
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.history import checking, sealing
from lingauth.services.history.chains import Anchor
from tests.support.history import forge

pytestmark = pytest.mark.django_db


def happen(backend_id: int | None, times: int = 1) -> list[int]:
    """Events of a backend; their ids."""
    before = Event.objects.count()
    for number in range(times):
        events.record(
            Kind.SIGNED_OUT,
            backend_id=backend_id,
            client=ClientInfo(ip="2001:db8::7", user_agent="Ä"),
            actor=Actor.anonymous(),
            data={"b": number, "a": ["ü", None, True]},
        )
    return list(Event.objects.order_by("pk").values_list("pk", flat=True)[before:])


def seal() -> list[Anchor]:
    return list(sealing.seal())


def sentences(*anchors: Anchor) -> list[str]:
    report = checking.check(anchors=anchors)
    assert report.whole == (not report.sentences())
    return report.sentences()


@pytest.fixture
def story(made: NewBackend, other: NewBackend) -> list[int]:
    """Three seals of acme and of rival each, and one of what belongs to no backend; acme's ids."""
    ids: list[int] = []
    for _ in range(3):
        ids += happen(made.backend.pk, 3)
        happen(other.backend.pk, 2)
        seal()
    happen(None)
    seal()
    return ids


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


CHANGED = "is not as it was made, or not the one that was made after the one before it."
SEAL_EDITS = {
    "number": "9",
    "last_event_id": "last_event_id - 1",
    "sealed_at": "'2026-01-01 00:00:00+00:00'",
    "form": "2",
    "head": "mark",
}


@pytest.mark.parametrize("column", [*SEAL_EDITS, "rows"])
def test_a_changed_seal_is_named(story: list[int], made: NewBackend, column: str) -> None:
    second = HistorySeal.objects.get(backend=made.backend, number=2)
    where = "WHERE id = %s"
    if column == "rows":
        rows = history.packed((key, bytes(32)) for key, _ in history.unpacked(second.rows))
        forge(f"UPDATE lingauth_historyseal SET rows = %s {where}", rows, second.pk)
    else:
        edit = f"{column} = {SEAL_EDITS[column]}"
        forge(f"UPDATE lingauth_historyseal SET {edit} {where}", second.pk)
    named = "Seal 2 of acme is gone." if column == "number" else f"Seal 2 of acme {CHANGED}"
    assert named in sentences()


def test_a_mark_that_is_not_ours_is_named_where_nothing_speaks_for_it(
    story: list[int], made: NewBackend
) -> None:
    """For an older one the marks after it do."""
    set_mark = "UPDATE lingauth_historyseal SET mark = head WHERE backend_id = %s AND number = %s"
    forge(set_mark, made.backend.pk, 2)
    assert sentences() == []
    forge(set_mark, made.backend.pk, 3)
    assert sentences() == [
        "Seals 2 to 3 of acme are under none of the keys that are here: made up, or the key was "
        "taken away. A head from your log speaks for them."
    ]


@pytest.mark.parametrize("number", [1, 2])
def test_a_seal_that_was_taken_out_is_named(
    story: list[int], made: NewBackend, number: int
) -> None:
    forge(
        "DELETE FROM lingauth_historyseal WHERE backend_id = %s AND number = %s",
        made.backend.pk,
        number,
    )
    found = sentences()
    assert f"Seal {number} of acme is gone." in found
    assert (
        f"Event {story[3 * number - 1]} is in no seal: it was added later, or its seal is gone."
        in found
    )


def written_anew(seal: HistorySeal, before: HistorySeal | None) -> None:
    """The seal as it would be over the events as they are, but for the mark."""
    keys = [key for key, _ in history.unpacked(seal.rows)]
    found = Event.objects.filter(pk__in=keys).order_by("pk").values_list(*history.COLUMNS)
    seal.rows = history.packed((values[0], history.digest(values)) for values in found)
    seal.head = sealing.head_of(seal, bytes(before.head) if before else b"")
    forge(
        "UPDATE lingauth_historyseal SET rows = %s, head = %s WHERE id = %s",
        seal.rows,
        seal.head,
        seal.pk,
    )


def test_an_event_and_its_seal_that_were_written_anew_are_named(
    story: list[int], made: NewBackend
) -> None:
    forge("UPDATE lingauth_event SET kind = 'signed_in' WHERE id = %s", story[4])
    first, second, third = HistorySeal.objects.filter(backend=made.backend).order_by("number")
    written_anew(second, first)
    doubt = "under none of the keys that are here: made up, or the key was taken away. A head from"
    assert sentences() == [
        f"Seal 3 of acme {CHANGED}",
        f"Seal 2 of acme is {doubt} your log speaks for them.",
    ]
    written_anew(third, second)
    assert sentences() == [f"Seals 2 to 3 of acme are {doubt} your log speaks for them."]


def test_nothing_is_put_upon_a_seal_that_was_written_anew(
    story: list[int], made: NewBackend
) -> None:
    """Our mark on the next one would speak for it."""
    forge("UPDATE lingauth_event SET kind = 'signed_in' WHERE id = %s", story[8])
    _, second, third = HistorySeal.objects.filter(backend=made.backend).order_by("number")
    written_anew(third, second)
    happen(made.backend.pk)
    before = HistorySeal.objects.count()
    with pytest.raises(Conflict, match="under none of the keys"):
        seal()
    assert HistorySeal.objects.count() == before


def cut_off(backend_id: int, number: int) -> None:
    """The seals from this one on, and their events."""
    seals = HistorySeal.objects.filter(backend=backend_id, number__gte=number)
    for seal in seals:
        for key, _ in history.unpacked(seal.rows):
            forge("DELETE FROM lingauth_event WHERE id = %s", key)
        forge("DELETE FROM lingauth_historyseal WHERE id = %s", seal.pk)


def test_an_end_that_was_cut_off_is_named_by_a_head(made: NewBackend) -> None:
    anchors = []
    for _ in range(3):
        happen(made.backend.pk, 2)
        anchors += seal()
    cut_off(made.backend.pk, 3)
    assert sentences() == [], "why heads are kept elsewhere"
    assert sentences(*anchors) == [
        f"{anchors[2]} is not there: the end of that history was taken away, or written anew, or "
        "an older backup was put back."
    ]


def test_a_history_that_went_on_another_way_is_named_by_a_head(made: NewBackend) -> None:
    happen(made.backend.pk, 2)
    (lost,) = seal()
    cut_off(made.backend.pk, 1)
    happen(made.backend.pk, 2)
    (found,) = seal()
    assert found.number == lost.number
    assert sentences(found) == []
    assert [line.split()[0] for line in sentences(lost)] == [str(lost)]


ENDS: dict[str, Callable[[NewBackend], object]] = {
    "the events' end is cut off": lambda made: forge(
        "DELETE FROM lingauth_event WHERE id > 0 AND backend_id = %s", made.backend.pk
    ),
    "a seal reaches too far": lambda made: HistorySeal(
        number=1, last_event_id=10**12, form=1, rows=b"", head=bytes(32), mark=bytes(32)
    ).save(),
}


@pytest.mark.parametrize("end", ENDS)
def test_sealing_stops_where_seals_reach_further_than_the_events(
    made: NewBackend, end: str
) -> None:
    """Else nothing would be sealed any more, and nobody would hear of it."""
    happen(made.backend.pk, 2)
    seal()
    ENDS[end](made)
    with pytest.raises(Conflict, match="Seals reach to event"):
        seal()
    assert sentences()


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
