"""Writing many rows, replacing one, merging: all of it or nothing."""

from __future__ import annotations

import pytest

from lingauth.data import writes
from lingauth.data.writes import Written
from project.demo.models import Note
from tests.lingauth.data import people
from tests.lingauth.data.rows import World, notes, refused, wish

pytestmark = pytest.mark.django_db


def test_many_rows_are_inserted_together_and_sent_back_in_order(world: World) -> None:
    body = [{"title": f"n{i}"} for i in range(300)]
    done = writes.insert(notes(), people.signed_in(world.ann), wish("select=title"), body)
    assert done.rows == body


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"title": None}, "23502"),
        ({"title": "x" * 201}, "22001"),
        ({"title": 5}, "22P02"),
        ({"body": "no title"}, "PGRST102"),
        ({"title": "x", "is_public": "yes"}, "PGRST102"),
        ("x", "PGRST102"),
    ],
)
def test_one_bad_row_keeps_all_of_them_out(world: World, bad: object, code: str) -> None:
    body = [{"title": "good"}, bad]
    caller = people.signed_in(world.ann)
    assert refused(writes.insert, notes(), caller, wish(), body) == (400, code)
    assert not Note.objects.filter(title="good").exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "23502"),
        ({"id": 5, "title": "x"}, "428C9"),
        ({"created_at": "2026-01-01", "title": "x"}, "428C9"),
        ({"updated_at": "2026-01-01", "title": "x"}, "PGRST204"),
        ({"backend": 1, "title": "x"}, "PGRST204"),
        ({"backend_id": 1, "title": "x"}, "PGRST204"),
        ({"title": "a\x00b"}, "22021"),
        ({"title": "\ud800"}, "22021"),
        ({"title": {"a": 1}}, "22P02"),
        ({"title": "x", "is_public": 1}, "22P02"),
        ({"title": "x", "owner": "me"}, "22P02"),
        (None, "PGRST102"),
        (5, "PGRST102"),
        ([[]], "PGRST102"),
        ([{"title": "x"}] * 1001, "PGRST102"),
    ],
)
def test_what_cannot_be_inserted_is_refused(world: World, body: object, code: str) -> None:
    caller = people.signed_in(world.ann)
    assert refused(writes.insert, notes(), caller, wish(), body) == (400, code)
    assert Note.objects.count() == 6


def test_columns_choose_what_counts_of_a_body(world: World) -> None:
    caller = people.signed_in(world.ann)
    asked = wish("columns=title,body&select=title,body", "return=representation,missing=default")
    done = writes.insert(
        notes(), caller, asked, [{"title": "a", "x": 1}, {"title": "b", "body": "c"}]
    )
    assert done.rows == [{"title": "a", "body": ""}, {"title": "b", "body": "c"}]
    strict = wish("columns=title,body")
    assert refused(writes.insert, notes(), caller, strict, [{"title": "a"}]) == (400, "23502")


def test_a_change_touches_the_time_of_the_last_change(world: World) -> None:
    before = Note.objects.get(title="ann private")
    asked = wish(f"id=eq.{before.pk}", "return=minimal")
    writes.update(notes(), people.signed_in(world.ann), asked, {"body": "new"})
    after = Note.objects.get(pk=before.pk)
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at


def test_an_empty_change_changes_nothing(world: World) -> None:
    assert writes.update(notes(), people.signed_in(world.ann), wish(), {}) == Written(0, (), [])


@pytest.mark.parametrize("act", ["update", "delete"])
def test_one_object_or_nothing(world: World, act: str) -> None:
    caller, asked = people.signed_in(world.ann), wish(single=True)
    args = [notes(), caller, asked, *([{"title": "x"}] if act == "update" else [])]
    assert refused(getattr(writes, act), *args) == (406, "PGRST116")
    assert Note.objects.filter(title="ann private").exists()


def test_more_rows_than_the_caller_expected_is_refused_unchanged(world: World) -> None:
    asked = wish("", "handling=strict,max-affected=1")
    caller = people.signed_in(world.ann)
    assert refused(writes.delete, notes(), caller, asked) == (400, "PGRST124")
    assert Note.objects.count() == 6


@pytest.mark.parametrize("query", ["limit=1", "offset=1"])
def test_changes_cannot_be_limited(world: World, query: str) -> None:
    caller = people.signed_in(world.ann)
    assert refused(writes.delete, notes(), caller, wish(query)) == (400, "PGRST109")


def test_a_put_replaces_the_whole_row(world: World) -> None:
    mine = people.note(world.ann, "old", public=True, body="text")
    body = {"id": mine.pk, "title": "new"}
    done = writes.replace(notes(), people.signed_in(world.ann), wish(f"id=eq.{mine.pk}"), body)
    assert done.rows is not None
    assert (done.rows[0]["title"], done.rows[0]["body"], done.rows[0]["is_public"]) == (
        "new",
        "",
        False,
    )
    assert done.rows[0]["owner"] == world.ann.uuid


def test_a_put_to_a_row_that_is_not_the_callers_equals_one_to_no_row(world: World) -> None:
    caller = people.signed_in(world.ann)
    answers = set()
    for pk in (
        Note.objects.get(title="bob public").pk,
        Note.objects.get(title="eve private").pk,
        10**9,
    ):
        body = {"id": pk, "title": "taken"}
        answers.add(refused(writes.replace, notes(), caller, wish(f"id=eq.{pk}"), body))
    assert answers == {(400, "428C9")}
    assert not Note.objects.filter(title="taken").exists()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (405, "PGRST105")),
        ("id=gt.1", (405, "PGRST105")),
        ("id=not.eq.1", (405, "PGRST105")),
        ("id=eq.1&title=eq.a", (405, "PGRST105")),
        ("title=eq.a", (405, "PGRST105")),
        ("id=eq.1&limit=1", (400, "PGRST114")),
        ("id=eq.2", (400, "PGRST115")),
    ],
)
def test_a_put_names_exactly_one_key(world: World, query: str, expected: tuple[int, str]) -> None:
    caller = people.signed_in(world.ann)
    body = {"id": 1, "title": "x"}
    assert refused(writes.replace, notes(), caller, wish(query), body) == expected


def test_an_upsert_merges_own_rows_and_inserts_the_others(world: World) -> None:
    mine = Note.objects.get(title="ann private")
    asked = wish("columns=id,title&select=id,title", "return=representation,missing=default,"
                 "resolution=merge-duplicates")  # fmt: skip
    body = [{"title": "fresh"}, {"id": mine.pk, "title": "merged"}]
    done = writes.insert(notes(), people.signed_in(world.ann), asked, body)
    assert done.rows is not None
    assert [row["title"] for row in done.rows] == ["fresh", "merged"]
    assert Note.objects.get(pk=mine.pk).title == "merged"


def test_an_upsert_that_ignores_duplicates_leaves_them(world: World) -> None:
    mine = Note.objects.get(title="ann private")
    asked = wish("", "return=representation,resolution=ignore-duplicates")
    done = writes.insert(
        notes(), people.signed_in(world.ann), asked, {"id": mine.pk, "title": "merged"}
    )
    assert done.rows == []
    assert Note.objects.get(pk=mine.pk).title == "ann private"


def test_an_upsert_never_reaches_a_row_of_somebody_else(world: World) -> None:
    asked = wish("", "return=minimal,resolution=merge-duplicates")
    for title in ("bob public", "eve public"):
        body = {"id": Note.objects.get(title=title).pk, "title": "taken"}
        caller = people.signed_in(world.ann)
        assert refused(writes.insert, notes(), caller, asked, body) == (400, "428C9")
    twice = [{"id": 1, "title": "x"}, {"id": 1, "title": "y"}]
    caller = people.signed_in(world.ann)
    assert refused(writes.insert, notes(), caller, asked, twice) == (400, "21000")
