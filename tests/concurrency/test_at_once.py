"""What PostgreSQL does in one statement is what the transaction does, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
import time_machine
from django.db import DataError, connection, models, transaction

from lingauth.core import clock, guesses, totp
from lingauth.core.assurance import Method
from lingauth.models import Account, Backend, Event, GuessLimit, Session, TotpFactor
from lingauth.services import at_once, events, limits, signin, verification
from lingauth.services.events import Kind
from lingauth.signals import event_recorded
from tests.concurrency.together import until_somebody_waits
from tests.support.people import CLIENT, Person, new_backend

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

Rows = dict[str, list[dict[str, Any]]]


def rows() -> Rows:
    """Everything in the tables that these acts write."""
    tables: tuple[type[models.Model], ...] = (Account, Session, TotpFactor, GuessLimit, Event)
    return {
        model.__name__: [
            {
                name: bytes(value) if isinstance(value, memoryview) else value
                for name, value in row.items()
            }
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in tables
    }


def sign_in(person: Person) -> None:
    person.sign_in()


def prove(person: Person) -> None:
    verification.verify_any(me=person.me(), code=person.code(), client=CLIENT)


@pytest.mark.parametrize("act", [sign_in, prove])
def test_both_ways_leave_the_same_rows(
    act: Callable[[Person], None],
    still: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
    transactional_db: None,
) -> None:
    people = [
        Person.sign_up(new_backend(ref).backend, "ann@example.com").enrol()
        for ref in ("one", "two")
    ]
    done: list[bool] = []
    original = at_once._done

    def watched(*given: Any) -> bool:
        done.append(original(*given))
        return done[-1]

    monkeypatch.setattr(at_once, "_done", watched)
    act(people[0])
    monkeypatch.setattr(at_once, "_done", lambda *_: False)
    act(people[1])
    assert done == [True]
    assert _anonymous(people[0]) == _anonymous(people[1])


NAMES = frozenset(
    "id uuid secret key request_id account_uuid session_id actor_id backend_id account_id"
    " user_id user_metadata".split()
)
"""Columns that are another value in each row, or name one."""


def _anonymous(person: Person) -> dict[str, list[str]]:
    """The rows of the person's backend, in which those columns only are there or not."""
    return {
        model: sorted(
            repr({name: _shape(name, value) for name, value in row.items()})
            for row in table
            if row["backend_id"] == person.account.backend_id
        )
        for model, table in rows().items()
    }


def _shape(name: str, value: Any) -> Any:
    if name == "data":
        return sorted(value)
    return bool(value) if name in NAMES else value


def _ahead(person: Person) -> tuple[TotpFactor, int, Session, limits.Guess]:
    """A right code that was found, and paid for."""
    account = person.account
    guess = limits.claim(
        guesses.TOTP,
        subject=f"user {account.user_id}",
        backend=account.backend,
        account=account,
        now=clock.now(),
    )
    factor = TotpFactor.objects.get(uuid=person.factor)
    return factor, totp.step_at(clock.now()), person.session, guess


def _sign_in(account: Account) -> bool:
    now = clock.now()
    session = signin.new_session(
        account.backend, account, method=Method.PASSWORD, client=CLIENT, now=now
    )
    event = events.draft(
        Kind.SIGNED_IN, backend_id=account.backend_id, client=CLIENT, account=account
    )
    return at_once.sign_in(account, session, None, event, now)


LATER = datetime(2090, 1, 1, tzinfo=clock.now().tzinfo)

MEANWHILE: dict[str, Callable[[Person], models.QuerySet[Any]]] = {
    "generation": lambda p: Session.objects.filter(pk=p.session.pk),
    "elevations": lambda p: Session.objects.filter(pk=p.session.pk),
    "ended_at": lambda p: Session.objects.filter(pk=p.session.pk),
    "last_step": lambda p: TotpFactor.objects.filter(uuid=p.factor),
    "confirmed": lambda p: TotpFactor.objects.filter(uuid=p.factor),
}
VALUES: dict[str, Any] = {
    "generation": 9,
    "elevations": 9,
    "ended_at": LATER,
    "last_step": 2**40,
    "confirmed": False,
}


@pytest.mark.parametrize("column", MEANWHILE)
def test_a_proof_whose_guard_does_not_hold_does_nothing(
    column: str, backend: Backend, still: time_machine.Traveller
) -> None:
    person = Person.sign_up(backend).enrol()
    ready = _ahead(person)
    MEANWHILE[column](person).update(**{column: VALUES[column]})
    event = events.draft(Kind.FACTOR_VERIFIED, backend_id=backend.pk, client=CLIENT)
    before = rows()
    factor, step, session, guess = ready
    assert not at_once.prove(factor, step, session, [], None, guess, event, clock.now())
    assert rows() == before


@pytest.mark.parametrize("column", MEANWHILE)
def test_a_proof_that_waited_for_a_lock_looks_at_its_guards_again(
    column: str, backend: Backend, still: time_machine.Traveller
) -> None:
    """Whoever holds the row changes the guard's column, and commits while the proof waits."""
    person = Person.sign_up(backend).enrol()
    factor, step, session, guess = _ahead(person)
    event = events.draft(Kind.FACTOR_VERIFIED, backend_id=backend.pk, client=CLIENT)
    done: list[bool] = []
    began = Signal()

    def late() -> None:
        try:
            connection.ensure_connection()
            began.set()
            done.append(at_once.prove(factor, step, session, [], None, guess, event, clock.now()))
        finally:
            connection.close()

    thread = Thread(target=late, daemon=True)
    with transaction.atomic():
        MEANWHILE[column](person).update(**{column: VALUES[column]})
        thread.start()
        assert began.wait(10)
        until_somebody_waits()
    thread.join(20)
    assert done == [False]
    assert not Event.objects.filter(kind=Kind.FACTOR_VERIFIED.value).exists()
    assert GuessLimit.objects.get(key=guess.key).failures == 1
    assert TotpFactor.objects.get(pk=factor.pk).last_step != step
    assert Session.objects.get(pk=session.pk).methods == session.methods


CHANGES: dict[str, Any] = {
    "email_key": "other@example.com",
    "password_changed_at": LATER,
    "banned_until": LATER,
    "deleted_at": LATER,
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_sign_in_to_an_account_that_changed_does_nothing(column: str, backend: Backend) -> None:
    account = Person.sign_up(backend).account
    Account.objects.filter(pk=account.pk).update(**{column: CHANGES[column]})
    before = rows()
    assert not _sign_in(account)
    assert rows() == before
    # And from something to nothing, which SQL's own equals would not tell apart.
    changed = Account.objects.select_related("backend").get(pk=account.pk)
    assert _sign_in(changed)
    if column != "email_key":
        Account.objects.filter(pk=account.pk).update(**{column: None})
        assert not _sign_in(changed)


def test_what_the_statement_wrote_is_told_like_the_rest(backend: Backend) -> None:
    heard: list[Event] = []

    def receiver(event: Event, **_: Any) -> None:
        heard.append(event)

    person = Person.sign_up(backend)
    event_recorded.connect(receiver)
    try:
        person.sign_in()
    finally:
        event_recorded.disconnect(receiver)
    (row,) = heard
    assert Event.objects.get(pk=row.pk).kind == "signed_in"


def test_it_is_not_done_inside_a_transaction_of_somebody_else(backend: Backend) -> None:
    person = Person.sign_up(backend)
    with transaction.atomic(), pytest.raises(RuntimeError):
        _sign_in(person.account)


def test_a_text_that_is_too_long_is_refused_and_not_cut(backend: Backend) -> None:
    account = Person.sign_up(backend).account
    now = clock.now() + timedelta(seconds=1)
    session = signin.new_session(backend, account, method=Method.PASSWORD, client=CLIENT, now=now)
    session.user_agent = "x" * 257
    event = events.draft(Kind.SIGNED_IN, backend_id=backend.pk, client=CLIENT, account=account)
    with pytest.raises(DataError, match="too long"):
        at_once.sign_in(account, session, None, event, now)
