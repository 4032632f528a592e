"""Audit rows: what is in one, whose it is by default, and when it is told of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from lingauth.models import Account, Event
from lingauth.services import events
from lingauth.services.access import SignedIn
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.signals import event_recorded
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

CLIENT = ClientInfo(ip="192.0.2.7", user_agent="tests", request_id="request-1")
ANN = UUID(int=1)


def columns(row: Event) -> dict[str, Any]:
    values = {field.attname: getattr(row, field.attname) for field in Event._meta.fields}
    return {name: value for name, value in values.items() if name not in ("id", "at")}


NOBODYS = {
    "backend_id": 7,
    "kind": "signed_in",
    "result": "ok",
    "actor_kind": "anonymous",
    "actor_id": "",
    "account_uuid": None,
    "session_id": None,
    "request_id": "request-1",
    "ip": "192.0.2.7",
    "user_agent": "tests",
    "data": {},
}


def test_a_row_of_nobody() -> None:
    row = events.draft(Kind.SIGNED_IN, backend_id=7, client=CLIENT)
    assert columns(row) == NOBODYS
    nothing = events.draft(Kind.SIGNED_IN, backend_id=7, client=CLIENT, account=None, data=None)
    assert columns(nothing) == NOBODYS


def test_an_account_acts_for_itself() -> None:
    row = events.draft(Kind.SIGNED_IN, backend_id=7, client=CLIENT, account=Account(uuid=ANN))
    acting = {"actor_kind": "account", "actor_id": str(ANN), "account_uuid": ANN}
    assert columns(row) == NOBODYS | acting


def test_somebody_acts_on_an_account() -> None:
    session_id, data = uuid4(), {"x": 1}
    row = events.draft(
        Kind.ACCOUNT_BANNED,
        backend_id=None,
        client=ClientInfo(),
        actor=Actor("operator", "17", "ann@example.com"),
        account=Account(uuid=ANN),
        session_id=session_id,
        result="refused",
        data=data,
    )
    assert columns(row) == {
        "backend_id": None,
        "kind": "account_banned",
        "result": "refused",
        "actor_kind": "operator",
        "actor_id": "17",
        "account_uuid": ANN,
        "session_id": session_id,
        "request_id": "",
        "ip": None,
        "user_agent": "",
        "data": {"x": 1},
    }
    assert row.data is not data


@pytest.fixture
def me() -> SignedIn:
    return Person.sign_up(new_backend().backend).me()


def test_a_row_of_a_session(me: SignedIn) -> None:
    mine = NOBODYS | {
        "backend_id": me.backend.pk,
        "actor_kind": "account",
        "actor_id": str(me.account.uuid),
        "account_uuid": me.account.uuid,
        "session_id": me.session.pk,
    }
    assert columns(events.draft_for(me, Kind.SIGNED_IN, CLIENT)) == mine
    assert columns(events.draft_for(me, Kind.SIGNED_IN, CLIENT, by="x", n=2)) == mine | {
        "data": {"by": "x", "n": 2}
    }
    refused = events.draft_for(me, Kind.SIGNED_IN, CLIENT, reason="locked", by="x")
    assert columns(refused) == mine | {
        "result": "refused",
        "data": {"by": "x", "reason": "locked"},
    }
    other = uuid4()
    row = events.draft_for(me, Kind.SIGNED_IN, CLIENT, session_id=other)
    assert columns(row) == mine | {"session_id": other}
    events.record_for(me, Kind.SIGNED_OUT, CLIENT, reason="x", session_id=other, scope="local")
    assert columns(Event.objects.order_by("-pk")[0]) == mine | {
        "kind": "signed_out",
        "result": "refused",
        "session_id": other,
        "data": {"scope": "local", "reason": "x"},
    }


class Heard:
    """What receivers were told of, and with how many rows committed."""

    def __init__(self) -> None:
        self.rows: list[Event] = []

    def __call__(self, sender: object, event: Event, **_: object) -> None:
        assert sender is Event
        self.rows.append(event)


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    event_recorded.connect(heard)
    yield heard
    event_recorded.disconnect(heard)


@pytest.mark.django_db(transaction=True)
def test_receivers_hear_of_a_row_once_it_is_committed(heard: Heard) -> None:
    with transaction.atomic():
        events.record(Kind.SIGNED_IN, backend_id=None, client=CLIENT, data={"n": 1})
        assert heard.rows == []
    assert heard.rows == [Event.objects.get()]
    assert columns(Event.objects.get()) == NOBODYS | {"backend_id": None, "data": {"n": 1}}
    with pytest.raises(RuntimeError), transaction.atomic():
        events.record(Kind.SIGNED_IN, backend_id=None, client=CLIENT)
        raise RuntimeError
    assert len(heard.rows) == Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_fails_alone(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError

    event_recorded.connect(broken)
    try:
        events.record(Kind.SIGNED_IN, backend_id=None, client=CLIENT)
    finally:
        event_recorded.disconnect(broken)
    assert len(heard.rows) == 1
    monkeypatch.setattr(events, "announce", broken)  # what is not a receiver's fault, as well
    with transaction.atomic():
        events.record(Kind.SIGNED_IN, backend_id=None, client=CLIENT)
    assert Event.objects.count() == 2


def test_a_row_is_written_once() -> None:
    row = events.draft(Kind.SIGNED_IN, backend_id=None, client=CLIENT)
    events.write(row)
    assert Event.objects.count() == 1


def test_the_closed_list() -> None:
    assert [kind.value for kind in Kind] == [kind.name.lower() for kind in Kind]
    assert len(Kind) == 52
