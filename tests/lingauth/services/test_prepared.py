"""A query compiled once answers as Django's own would, each time with its own values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import Model, Q
from django.db.models.signals import post_init

from lingauth.models import Backend, Session
from lingauth.services import access
from lingauth.services.backends import NewBackend
from lingauth.services.prepared import Prepared, built
from tests.support.app import App

MARK = UUID(int=1)


def test_it_answers_what_the_query_would(app: App) -> None:
    ids = []
    for _ in range(2):
        app.sign_up()
        ids.append(Session.objects.latest("created_at").pk)
    names = [field.attname for field in Session._meta.concrete_fields]
    prepared = Prepared.compile(
        Session.objects.filter(pk=MARK).values_list(*names), {"session": MARK}
    )
    for session_id in ids:
        expected = Session.objects.filter(pk=session_id).values_list(*names)
        assert [tuple(row) for row in prepared.rows({"session": session_id})] == list(expected)
    assert prepared.rows({"session": UUID(int=2)}) == []


@pytest.mark.parametrize("query", [Q(), Q(ref="mark") | Q(name="mark")])
def test_a_mark_that_is_not_there_once_is_a_mistake(db: None, query: Q) -> None:
    with pytest.raises(ValueError, match="once"):
        Prepared.compile(Backend.objects.filter(query).values_list("pk"), {"ref": "mark"})


def test_reads_with_other_values_do_not_mix(app: App, made: NewBackend) -> None:
    app.sign_up("ada@example.com")
    app.sign_up("bob@example.com")
    for key in ("ada@example.com", "bob@example.com", "ada@example.com"):
        found = access.read(ref="acme", email_key=key)
        assert found.account is not None
        assert found.account.email_key == key
    assert access.read(ref="acme", email_key="eve@example.com").account is None
    assert access.read(ref="acme", api_key=made.anon_key).key is not None
    assert access.read(ref="acme", api_key=made.anon_key + "x").key is None


def test_values_go_through_what_django_would_ask(db: None) -> None:
    asked: list[Any] = []

    def convert(*given: Any) -> str:
        asked.append(given)
        return "converted"

    of: Any = object()
    prepared = Prepared("default", "SELECT 1, 2", (), (), ((1, convert, of),))
    assert prepared.rows({}) == [[1, "converted"]]
    assert asked == [(2, of, connections["default"])]


@pytest.fixture
def begun() -> Iterator[list[type[Model]]]:
    """The models whose instances were made as Django makes them, which tells receivers."""
    made: list[type[Model]] = []

    def receive(sender: type[Model], **_: Any) -> None:
        made.append(sender)

    post_init.connect(receive)
    yield made
    post_init.disconnect(receive)


def test_a_row_of_the_hosts_is_made_as_the_host_may_rely_on(
    app: App, begun: list[type[Model]]
) -> None:
    app.sign_up()
    user = get_user_model().objects.get()
    begun.clear()
    row = built(get_user_model(), ("id", "username"), (user.pk, user.username))
    assert begun == [get_user_model()]
    assert row == user
    assert (row._state.adding, row._state.db) == (False, "default")
    assert "password" in row.get_deferred_fields()
    assert row.password == user.password


def test_a_row_of_ours_is_made_without_asking_anybody(app: App, begun: list[type[Model]]) -> None:
    app.sign_up()
    session = Session.objects.get()
    begun.clear()
    row = built(Session, ("id", "generation"), (session.pk, 1))
    assert begun == []
    assert row == session
    assert (row._state.adding, row._state.db) == (False, "default")
    assert row.get_deferred_fields() >= {"secret", "methods"}
    assert row.secret == session.secret


def test_where_a_join_found_none_there_is_none() -> None:
    assert built(Session, ("generation", "id"), (1, None)) is None


def test_columns_that_do_not_fit_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="shorter"):
        built(Session, ("id", "generation"), (UUID(int=1),))
