"""Registering models: what is refused at start-up, and what columns become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, Q

from lingauth.data import reads
from lingauth.data.callers import Caller
from lingauth.data.dialect import Kind, pairs, parse
from lingauth.data.policies import OwnerRows, Row, RowPolicy
from lingauth.data.registry import Expose, Table, find, register, unregister
from lingauth.models import Account, Backend
from project.demo.models import Note
from tests.lingauth.data import people


class Everybody(RowPolicy):
    """All rows of the backend, to read."""

    def check(self, model: type[Model], name: str) -> None:
        return

    def visible_to(self, caller: Caller) -> Q:
        return Q(backend_id=caller.backend_id)

    def writable_by(self, caller: Caller) -> Q:
        return Q(pk__in=[])

    def may_insert(self, caller: Caller) -> bool:
        return False

    def may_update(self, caller: Caller) -> bool:
        return False

    def may_delete(self, caller: Caller) -> bool:
        return False

    def claim(
        self, caller: Caller, table: str, rows: Sequence[Row], *, inserting: bool
    ) -> list[dict[str, Any]]:
        return [{} for _ in rows]


@pytest.fixture
def accounts() -> Iterator[Table]:
    """A table with a column that can be NULL."""
    columns = ("id", "email", Expose("seen", "last_sign_in_at"), Expose("place", "backend__ref"))
    yield register(Account, "people", columns=columns, policy=Everybody())
    unregister("people")


def test_the_demo_has_registered_its_notes() -> None:
    table = find("notes")
    assert table is not None
    assert {name: column.kind for name, column in table.shape.columns.items()} == {
        "id": Kind.INTEGER,
        "owner": Kind.UUID,
        "title": Kind.TEXT,
        "body": Kind.TEXT,
        "is_public": Kind.BOOLEAN,
        "created_at": Kind.TIMESTAMP,
    }
    assert set(table.writable) == {"title", "body", "is_public"}
    assert table.shape.columns["title"].max_length == 200


@pytest.mark.parametrize(
    ("name", "columns", "says"),
    [
        ("no tes", ("id",), "cannot name a table"),
        ("notes", ("id",), "Two models"),
        ("people", ("email",), "primary key"),
        ("people", ("id", "nothing"), "no field 'nothing'"),
        ("people", ("id", "user__nothing"), "no field 'user__nothing'"),
        ("people", ("id", "email__id"), "no field 'email__id'"),
        ("people", ("id", "user_metadata"), "not offered"),
        ("people", ("id", Expose("select", "email")), "cannot name a column"),
        ("people", ("id", Expose("a b", "email")), "cannot name a column"),
    ],
)
def test_what_cannot_be_offered_is_refused_at_start_up(
    name: str, columns: tuple[str | Expose, ...], says: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=says):
        register(Account, name, columns=columns, policy=Everybody())


def test_a_policy_asks_for_its_fields() -> None:
    with pytest.raises(ImproperlyConfigured, match="is_public"):
        register(Backend, "places", columns=("id",), policy=OwnerRows(owner="name"))


def test_registering_the_same_model_again_is_harmless() -> None:
    before = find("notes")
    assert before is not None
    columns = tuple(Expose(name, path) for name, path in before.paths.items())
    assert register(Note, "notes", columns=columns, policy=before.policy).paths == before.paths


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("seen=eq.2026-01-01", ["old"]),
        ("seen=neq.2026-01-01", ["new"]),
        ("seen=not.eq.2026-01-01", ["new"]),
        ("seen=not.neq.2026-01-01", ["old"]),
        ("seen=not.gt.2026-01-01", ["old"]),
        ("seen=not.in.(2026-01-01)", ["new"]),
        ("seen=is.null", ["never"]),
        ("seen=not.is.null", ["old", "new"]),
        ("not.or=(seen.eq.2026-01-01,email.eq.nobody)", ["new"]),
        ("not.and=(seen.eq.2026-01-01,email.like.old*)", ["new", "never"]),
        ("or=(seen.eq.2026-01-01,seen.is.null)", ["old", "never"]),
        ("order=seen", ["old", "new", "never"]),
        ("order=seen.desc", ["never", "new", "old"]),
        ("order=seen.nullsfirst", ["never", "old", "new"]),
        ("order=seen.desc.nullslast", ["new", "old", "never"]),
        ("place=eq.acme", ["old", "new", "never"]),
        ("place=like.x*", []),
    ],
)
def test_nothing_equals_null_and_nulls_sort_as_in_postgresql(
    accounts: Table, query: str, expected: list[str]
) -> None:
    acme = people.backend("acme")
    for name, seen in (("old", "2026-01-01T00:00Z"), ("new", "2026-02-01T00:00Z"), ("never", None)):
        who = people.account(acme, name)
        Account.objects.filter(pk=who.pk).update(last_sign_in_at=seen)
    asked = parse(accounts.shape, pairs(query))
    page = reads.page(accounts, people.anon(acme), asked, asked.window, count=False)
    assert [row["email"].partition("@")[0] for row in page.rows] == expected
