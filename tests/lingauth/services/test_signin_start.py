"""What every way in ends in: one session at ``aal1``, all of it or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lingauth.core import clock, guesses
from lingauth.core.assurance import Method
from lingauth.core.errors import InvalidCredentials
from lingauth.models import Account, Backend, Event, GuessLimit, Session
from lingauth.services import at_once, limits, signin
from lingauth.services.grants import Grant
from lingauth.services.limits import Guess
from tests.lingauth.api.people import Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


def account() -> Account:
    """Ann's, as it is now."""
    rows = Account.objects.select_related("backend", "user")
    return rows.get(email_key="ann@example.com")


def start(read: Account | None = None, **more: Any) -> Grant:
    read = read or account()
    given: dict[str, Any] = {"method": Method.OAUTH, "client": CLIENT, "now": clock.now()}
    return signin.start(read.backend, read, **given | more)


def paid() -> Guess:
    read = account()
    return limits.claim(
        guesses.PASSWORD, subject="ann", backend=read.backend, account=read, now=clock.now()
    )


def test_by_whatever_method_it_is_written_down(ann: Person) -> None:
    granted = start()
    assert granted.session.methods == [
        {"method": "oauth", "timestamp": int(granted.session.created_at.timestamp())}
    ]
    assert Session.objects.get(pk=granted.session.pk).methods == granted.session.methods
    me = ann.me(granted.session)
    assert events.last() == events.by(me, "signed_in", method="oauth")


def test_it_begins_at_the_moment_that_was_judged(ann: Person) -> None:
    """Which is a little before it is written."""
    then = clock.now() - timedelta(seconds=5)
    row = start(now=then).session
    assert (row.created_at, row.advanced_at, row.refreshed_at) == (then, then, then)
    assert row.expires_at == then + timedelta(days=30)
    assert Account.objects.get().last_sign_in_at == then


def test_a_session_that_was_made_before_is_the_one_that_begins(ann: Person) -> None:
    read = account()
    session = signin.new_session(
        read.backend, read, method=Method.OTP, client=CLIENT, now=clock.now()
    )
    assert not Session.objects.filter(pk=session.pk).exists()
    granted = start(read, session=session)
    assert granted.session is session
    assert Session.objects.get(pk=session.pk).methods[0]["method"] == "otp"


def test_a_session_that_is_there_already_is_not_begun_again(ann: Person) -> None:
    before = Session.objects.values().get()
    with pytest.raises(IntegrityError):
        start(session=ann.session, first=lambda: None)
    assert Session.objects.values().get() == before


def test_the_proof_is_spent_first_and_in_the_same_transaction(ann: Person) -> None:
    seen: list[int] = []
    start(first=lambda: seen.append(Session.objects.count()))
    assert seen == [1]
    assert Session.objects.count() == 2

    def fails() -> None:
        Account.objects.update(email="changed@example.com")
        raise InvalidCredentials("spent")

    guess, before = paid(), Event.objects.count()
    with pytest.raises(InvalidCredentials, match="spent"):
        start(first=fails, guess=guess)
    assert Session.objects.count() == 2
    assert Account.objects.get().email == "ann@example.com"
    assert GuessLimit.objects.get().failures == 1
    assert Event.objects.count() == before


def test_the_guess_that_was_right_is_given_back(ann: Person, moved: Clock) -> None:
    guess = paid()
    moved.shift(1)
    start(guess=guess)
    row = GuessLimit.objects.get()
    assert (row.failures, row.updated_at) == (0, ann.session.created_at + timedelta(seconds=1))


@pytest.mark.parametrize("column", ["password_changed_at", "banned_until", "deleted_at"])
def test_an_account_that_was_changed_since_it_was_read_is_not_signed_in(
    ann: Person, column: str
) -> None:
    read, guess, me = account(), paid(), ann.me()
    Account.objects.update(**{column: clock.now() - timedelta(seconds=1)})
    with pytest.raises(InvalidCredentials) as refused:
        start(read, guess=guess)
    assert refused.value.message == "Invalid login credentials"
    assert Session.objects.count() == 1
    assert GuessLimit.objects.get().failures == 1
    assert Account.objects.get().last_sign_in_at == ann.account.last_sign_in_at
    expected = events.by(me, "sign_in_failed", "refused", reason="password_changed")
    assert events.last() == expected | {"session_id": None}


def test_where_one_session_is_all_there_is_the_others_end(ann: Person, moved: Clock) -> None:
    over = ann.session
    Session.objects.filter(pk=over.pk).end(now=over.created_at, reason="revoked")
    open_one = start().session
    bob = Person.sign_up(Backend.objects.get(), "bob@example.com").session
    Backend.objects.update(single_session=True)
    moved.shift(9)
    newest = start().session
    assert {row.pk: (row.ended_at, row.end_reason) for row in Session.objects.all()} == {
        over.pk: (over.created_at, "revoked"),
        open_one.pk: (open_one.created_at + timedelta(seconds=9), "newer_login"),
        bob.pk: (None, ""),
        newest.pk: (None, ""),
    }
    me = ann.me(newest)
    assert events.last() == events.by(me, "signed_in", method="oauth", ended=1)


def test_elsewhere_they_go_on(ann: Person) -> None:
    start()
    assert not Session.objects.exclude(ended_at=None).exists()


def test_it_is_not_part_of_what_may_be_rolled_back(ann: Person) -> None:
    read = account()
    with transaction.atomic(), pytest.raises(RuntimeError):
        start(read)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        start(read, first=lambda: None)


def test_a_plain_one_is_left_to_the_database_where_that_does_it_at_once(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []

    def sign_in(*given: Any) -> bool:
        asked.append(given)
        return True

    monkeypatch.setattr(at_once, "sign_in", sign_in)
    read, guess, now, before = account(), paid(), clock.now(), Event.objects.count()
    granted = start(read, guess=guess)
    assert Session.objects.count() == 1
    assert Event.objects.count() == before
    ((its_account, its_session, its_guess, event, moment),) = asked
    assert its_account is read
    assert its_session is granted.session
    assert (its_guess, moment) == (guess, now)
    assert (event.kind, event.session_id) == ("signed_in", granted.session.pk)
    assert read.last_sign_in_at == now


@pytest.mark.parametrize("how", ["with a proof to spend", "one session at a time"])
def test_any_other_is_not(ann: Person, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_once, "sign_in", lambda *_: True)
    Backend.objects.update(single_session=how.startswith("one"))
    start(first=(lambda: None) if how.startswith("with") else None)
    assert Session.objects.count() == 2
