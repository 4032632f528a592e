"""Reading rows: filters, pages, totals."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.data import reads, writes
from lingauth.data.dialect import Format, Preferences, Window, parse
from lingauth.data.writes import Wish
from project.demo.models import Note
from tests.lingauth.data import people
from tests.lingauth.data.rows import World, notes, refused, titles, wish

pytestmark = pytest.mark.django_db


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
