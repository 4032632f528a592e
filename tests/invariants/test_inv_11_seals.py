"""INV-11: what somebody does to the seals is named too.

Each test does what the owner of the database could, with the triggers away and everything that can
be computed without our key computed anew.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lingauth.core import history
from lingauth.core.errors import Conflict
from lingauth.models import Event, HistorySeal
from lingauth.services.backends import NewBackend
from lingauth.services.history import sealing
from tests.support.history import forge, happen, seal, sentences

pytestmark = pytest.mark.django_db

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


def written_anew(one: HistorySeal, before: HistorySeal | None) -> None:
    """The seal as it would be over the events as they are, but for the mark."""
    keys = [key for key, _ in history.unpacked(one.rows)]
    found = Event.objects.filter(pk__in=keys).order_by("pk").values_list(*history.COLUMNS)
    one.rows = history.packed((values[0], history.digest(values)) for values in found)
    one.head = sealing.head_of(one, bytes(before.head) if before else b"")
    forge(
        "UPDATE lingauth_historyseal SET rows = %s, head = %s WHERE id = %s",
        one.rows,
        one.head,
        one.pk,
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
    end = HistorySeal.objects.filter(backend=backend_id, number__gte=number)
    for one in end:
        for key, _ in history.unpacked(one.rows):
            forge("DELETE FROM lingauth_event WHERE id = %s", key)
        forge("DELETE FROM lingauth_historyseal WHERE id = %s", one.pk)


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
