"""A query compiled once answers as Django's own would, each time with its own values."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db.models import Q

from lingauth.models import Backend, Session
from lingauth.services import access
from lingauth.services.backends import NewBackend
from lingauth.services.prepared import Prepared
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
