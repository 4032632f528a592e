"""An act in one statement says whether it was done: on PostgreSQL by it, elsewhere never."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DataError, connection

from lingauth.core import clock, guesses
from lingauth.core.assurance import Method
from lingauth.models import Account, Event, Session, TotpFactor
from lingauth.services import at_once, events, limits, signin
from lingauth.services.events import Kind
from lingauth.signals import event_recorded
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend
from tests.support.statements import executed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def afresh() -> None:
    """Each test has its statements written, whatever came before it."""
    at_once._written.cache_clear()


@pytest.fixture
def ann() -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


@pytest.fixture
def heard() -> Iterator[list[Event]]:
    """The events that receivers were told of."""
    events: list[Event] = []

    def receive(event: Event, **_: Any) -> None:
        events.append(event)

    event_recorded.connect(receive)
    yield events
    event_recorded.disconnect(receive)


def is_here() -> bool:
    return connection.vendor == "postgresql"


def sign_in(account: Account, user_agent: str = "tests") -> tuple[bool, Event]:
    now = clock.now()
    session = signin.new_session(
        account.backend, account, method=Method.PASSWORD, client=CLIENT, now=now
    )
    session.user_agent = user_agent
    event = events.draft(
        Kind.SIGNED_IN, backend_id=account.backend_id, client=CLIENT, account=account
    )
    return at_once.sign_in(account, session, None, event, now), event


def prove(person: Person, step: int) -> tuple[bool, Event]:
    account, now = person.account, clock.now()
    guess = limits.claim(
        guesses.TOTP, subject="ann", backend=account.backend, account=account, now=now
    )
    event = events.draft(Kind.FACTOR_VERIFIED, backend_id=account.backend_id, client=CLIENT)
    factor = TotpFactor.objects.get()
    return at_once.prove(factor, step, person.session, [], None, guess, event, now), event


def test_a_sign_in_is_done_and_told_by_the_statement_alone(ann: Person, heard: list[Event]) -> None:
    heard.clear()
    with executed() as statements:
        done, event = sign_in(ann.account)
    assert done is is_here()
    assert len(statements) == is_here()
    assert heard == [event] * is_here()
    assert Session.objects.count() == 1 + is_here()
    newest = Event.objects.order_by("pk").last()
    assert (newest == event) is is_here()


def test_so_is_a_proof(ann: Person, heard: list[Event]) -> None:
    ann.enrol()
    heard.clear()
    done, event = prove(ann, 2**40)
    assert done is is_here()
    assert heard == [event] * is_here()
    newest = Event.objects.order_by("pk").last()
    assert (newest == event) is is_here()


def test_where_a_guard_does_not_hold_it_says_no_and_tells_nobody(
    ann: Person, heard: list[Event]
) -> None:
    ann.enrol()
    account = ann.account
    Account.objects.update(email_key="other@example.com")
    heard.clear()
    assert sign_in(account)[0] is False
    assert prove(ann, 0)[0] is False  # a step that is over
    assert heard == []
    assert Session.objects.count() == 1


def test_what_is_too_long_is_refused_and_not_cut(ann: Person) -> None:
    if is_here():
        with pytest.raises(DataError, match="too long"):
            sign_in(ann.account, "x" * 257)
    else:
        assert sign_in(ann.account, "x" * 257)[0] is False


def test_another_database_is_not_even_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    other = SimpleNamespace(vendor="oracle")
    monkeypatch.setattr(at_once, "connections", {"default": other})
    assert at_once._done("", {}, Event()) is False


@pytest.mark.parametrize(
    ("statement", "own"),
    [
        (
            at_once._SIGN_IN,
            "account banned_until deleted_at email_key guess now password_changed_at",
        ),
        (
            at_once._PROVE,
            "elevations factor generation guess methods now retry_digest session step",
        ),
    ],
    ids=["sign-in", "proof"],
)
def test_a_statement_asks_for_these_values_besides_its_new_rows(
    db: None, statement: str, own: str
) -> None:
    asked = set(re.findall(r"%\((\w+)\)s", at_once._written(statement)))
    rows = {name for name in asked if name.startswith(("session_", "event_"))}
    assert " ".join(sorted(asked - rows)) == own
    assert "event_kind" in rows
    assert ("session_secret" in rows) is (statement == at_once._SIGN_IN)
