"""Row policies, reads and writes below HTTP: who sees and changes which rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from lingauth.data import reads, writes
from lingauth.data.callers import Caller
from lingauth.data.dialect import DataError, Format, Preferences, Window, pairs, parse, preferences
from lingauth.data.registry import Table, find
from lingauth.data.writes import Wish, Written
from lingauth.models import Account, Backend
from project.demo.models import Note
from tests.lingauth.data import people

pytestmark = pytest.mark.django_db


def notes() -> Table:
    table = find("notes")
    assert table is not None
    return table


def titles(caller: Caller, query: str = "") -> list[str]:
    asked = parse(notes().shape, pairs(query))
    page = reads.page(notes(), caller, asked, asked.window, count=False)
    return [row["title"] for row in page.rows]


def wish(query: str = "", prefer: str = "return=representation", *, single: bool = False) -> Wish:
    return Wish(parse(notes().shape, pairs(query)), preferences(prefer), Format(single=single))


def refused(act: Any, *args: Any) -> tuple[int, str]:
    with pytest.raises(DataError) as caught:
        act(*args)
    return caught.value.status, caught.value.code


@dataclass
class World:
    """Two backends; Ann and Bob at the first, Eve at the second, two notes each."""

    acme: Backend
    other: Backend
    ann: Account
    bob: Account
    eve: Account


@pytest.fixture
def world() -> World:
    acme, other = people.backend("acme"), people.backend("other")
    ann, bob, eve = (
        people.account(at, name) for at, name in ((acme, "ann"), (acme, "bob"), (other, "eve"))
    )
    for who in (ann, bob, eve):
        name = who.email.partition("@")[0]
        people.note(who, f"{name} public", public=True)
        people.note(who, f"{name} private")
    return World(acme, other, ann, bob, eve)


def test_anonymous_callers_read_the_public_rows_of_their_backend(world: World) -> None:
    assert titles(people.anon(world.acme)) == ["ann public", "bob public"]


def test_an_account_reads_public_rows_and_its_own(world: World) -> None:
    assert titles(people.signed_in(world.ann)) == ["ann public", "ann private", "bob public"]


def test_the_service_reads_every_row_of_its_backend(world: World) -> None:
    assert len(titles(people.service(world.acme))) == 4


def test_a_filter_cannot_reach_past_the_policy(world: World) -> None:
    secret = Note.objects.get(title="bob private")
    foreign = Note.objects.get(title="eve public")
    for pk in (secret.pk, foreign.pk):
        assert titles(people.signed_in(world.ann), f"id=eq.{pk}") == []
        assert titles(people.signed_in(world.ann), f"or=(id.eq.{pk},title.eq.nothing)") == []
    assert titles(people.signed_in(world.ann), "title=like.*private") == ["ann private"]


def test_anonymous_callers_write_nothing(world: World) -> None:
    policy, caller = notes().policy, people.anon(world.acme)
    assert not policy.may_insert(caller)
    assert not policy.may_update(caller)
    assert not policy.may_delete(caller)
    assert not Note.objects.filter(policy.writable_by(caller)).exists()


def test_an_account_changes_and_deletes_its_own_rows_only(world: World) -> None:
    caller = people.signed_in(world.ann)
    changed = writes.update(notes(), caller, wish("", "return=minimal"), {"title": "mine"})
    assert changed.count == 2
    assert Note.objects.filter(title="mine").values_list("owner", flat=True).distinct().get() == (
        world.ann.pk
    )
    gone = writes.delete(notes(), caller, wish("", "return=minimal"))
    assert gone.count == 2
    assert Note.objects.count() == 4


@pytest.mark.parametrize("prefer", ["return=minimal", "return=representation"])
def test_a_row_that_is_not_the_callers_is_as_if_it_did_not_exist(world: World, prefer: str) -> None:
    caller = people.signed_in(world.ann)
    for title in ("bob public", "bob private", "eve public"):
        pk = Note.objects.get(title=title).pk
        asked = wish(f"id=eq.{pk}", prefer)
        assert writes.update(notes(), caller, asked, {"title": "taken"}).count == 0
        assert writes.delete(notes(), caller, asked).count == 0
    assert Note.objects.count() == 6
    assert not Note.objects.filter(title="taken").exists()


def test_what_an_account_inserts_is_its_own(world: World) -> None:
    done = writes.insert(notes(), people.signed_in(world.ann), wish(), {"title": "new"})
    assert done.rows is not None
    (row,) = done.rows
    assert list(row) == ["id", "owner", "title", "body", "is_public", "created_at"]
    assert (row["owner"], row["body"], row["is_public"]) == (world.ann.uuid, "", False)
    assert Note.objects.get(title="new").backend == world.acme


@pytest.mark.parametrize("who", ["bob", "eve"])
def test_an_account_cannot_give_a_row_to_somebody_else(world: World, who: str) -> None:
    caller, owner = people.signed_in(world.ann), str(getattr(world, who).uuid)
    body = {"title": "gift", "owner": owner}
    assert refused(writes.insert, notes(), caller, wish(), body) == (403, "42501")
    assert refused(writes.update, notes(), caller, wish(), {"owner": owner}) == (403, "42501")
    assert Note.objects.count() == 6


def test_an_account_may_name_itself_as_owner(world: World) -> None:
    body = {"title": "new", "owner": str(world.ann.uuid)}
    assert writes.insert(notes(), people.signed_in(world.ann), wish(), body).count == 1


def test_the_service_inserts_for_any_account_of_its_backend_and_no_other(world: World) -> None:
    caller = people.service(world.acme)
    body = {"title": "new", "owner": str(world.bob.uuid)}
    assert writes.insert(notes(), caller, wish(), body).count == 1
    assert Note.objects.get(title="new").owner == world.bob
    foreign = {"title": "new", "owner": str(world.eve.uuid)}
    unknown = {"title": "new", "owner": "00000000-0000-4000-8000-000000000000"}
    assert refused(writes.insert, notes(), caller, wish(), foreign) == (409, "23503")
    assert refused(writes.insert, notes(), caller, wish(), unknown) == (409, "23503")
    assert refused(writes.insert, notes(), caller, wish(), {"title": "x"}) == (400, "23502")


def test_the_service_can_hand_a_row_over(world: World) -> None:
    pk = Note.objects.get(title="ann private").pk
    asked = wish(f"id=eq.{pk}")
    done = writes.update(notes(), people.service(world.acme), asked, {"owner": str(world.bob.uuid)})
    assert done.rows is not None
    assert done.rows[0]["owner"] == world.bob.uuid


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


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("title=eq.Alpha", ["Alpha"]),
        ("title=neq.Alpha", ["alpha", "Bet_a%", "Beta[*]?"]),
        ("title=like.Al*", ["Alpha"]),
        ("title=ilike.al*", ["Alpha", "alpha"]),
        ("title=not.ilike.al*", ["Bet_a%", "Beta[*]?"]),
        ("title=like.Bet__*", ["Bet_a%", "Beta[*]?"]),
        (r"title=like.Bet\__\%25", ["Bet_a%"]),
        (r"title=like.Beta[\*]?", ["Beta[*]?"]),
        (r"title=ilike.beta[\*]?", ["Beta[*]?"]),
        ("title=in.(Alpha,alpha)", ["Alpha", "alpha"]),
        ("title=not.in.(Alpha,alpha)", ["Bet_a%", "Beta[*]?"]),
        ("title=in.()", []),
        ("title=not.in.()", ["Alpha", "alpha", "Bet_a%", "Beta[*]?"]),
        ("is_public=is.true", ["Alpha"]),
        ("is_public=is.false&title=like.B*", ["Bet_a%", "Beta[*]?"]),
        ("is_public=not.is.true&title=like.B*", ["Bet_a%", "Beta[*]?"]),
        ("is_public=is.null", []),
        ("not.or=(title.eq.Alpha,title.eq.alpha)", ["Bet_a%", "Beta[*]?"]),
        ("not.and=(title.eq.Alpha,is_public.is.true)", ["alpha", "Bet_a%", "Beta[*]?"]),
        ("or=(title.eq.Alpha,and(title.like.Bet*,body.eq.b))", ["Alpha", "Bet_a%"]),
        ("created_at=lt.2000-01-01", []),
        ("created_at=gt.2000-01-01&title=eq.alpha", ["alpha"]),
        ("order=body.desc,id.desc", ["Beta[*]?", "Bet_a%", "alpha", "Alpha"]),
        ("order=id.desc&limit=2&offset=1", ["Bet_a%", "alpha"]),
        ("limit=0", []),
        ("offset=999999999999999999", []),
        ("id=gt.9223372036854775806", []),
    ],
)
def test_the_dialect_means_what_postgresql_means(query: str, expected: list[str]) -> None:
    ann = people.account(people.backend(), "ann")
    for title, body in (("Alpha", "a"), ("alpha", "a"), ("Bet_a%", "b"), ("Beta[*]?", "c")):
        people.note(ann, title, body=body, public=title == "Alpha")
    assert titles(people.signed_in(ann), query) == expected


def test_a_filter_on_the_owner_reads_the_accounts_uuid(world: World) -> None:
    caller = people.service(world.acme)
    assert titles(caller, f"owner=eq.{world.bob.uuid}") == ["bob public", "bob private"]
    changed = writes.update(
        notes(), caller, wish(f"owner=eq.{world.bob.uuid}", "return=minimal"), {"title": "bob's"}
    )
    assert changed.count == 2


def test_an_answer_carries_at_most_a_thousand_rows(world: World) -> None:
    Note.objects.bulk_create(
        Note(backend=world.acme, owner=world.ann, title="many") for _ in range(1001)
    )
    caller = people.signed_in(world.ann)
    assert len(titles(caller, "title=eq.many")) == 1000
    assert len(titles(caller, "title=eq.many&limit=5000")) == 1000
    assert refused(writes.delete, notes(), caller, wish("title=eq.many")) == (400, "PGRST100")
    assert writes.delete(notes(), caller, wish("title=eq.many", "return=minimal")).count == 1001


def test_a_total_needs_a_statement_only_where_the_page_does_not_tell(
    world: World, django_assert_num_queries: Any
) -> None:
    caller, query = people.signed_in(world.ann), parse(notes().shape, [])
    for window, statements, total in (
        (Window(), 1, 3),
        (Window(1), 1, 3),
        (Window(0, 2), 2, 3),
        (Window(9, 2), 2, 3),
    ):
        with django_assert_num_queries(statements):
            page = reads.page(notes(), caller, query, window, count=True)
        assert page.total == total


def test_preferences_default_to_sending_nothing_back(world: World) -> None:
    asked = Wish(parse(notes().shape, []), Preferences(), Format())
    done = writes.insert(notes(), people.signed_in(world.ann), asked, {"title": "x"})
    assert (done.count, done.rows, len(done.keys)) == (1, None, 1)
