"""A token that was used already: who may have its child again, and for whom all is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction

from lingauth.core.errors import RefreshRefused
from lingauth.core.refresh import decode
from lingauth.models import Backend, Event, Session
from lingauth.services import sessions
from lingauth.services.access import Access
from lingauth.services.grants import Grant
from tests.lingauth.api.people import Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend
from tests.support.refreshing import found, trade

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


def with_what_was_read(read: Access, token: str, key: str | None = None) -> Grant:
    """A refresh that has read its session already, while others go on."""
    claim = decode(token)
    assert claim is not None
    return sessions.exchange(read, claim, idempotency_key=key, client=CLIENT)


def ended() -> tuple[datetime | None, str]:
    session = Session.objects.get()
    return session.ended_at, session.end_reason


def is_replay(token: str, key: str | None = None) -> None:
    with pytest.raises(RefreshRefused) as refused:
        trade(token, key)
    assert refused.value.code == "refresh_token_already_used"
    assert refused.value.message == "Invalid Refresh Token: Already Used"
    assert ended()[1] == "refresh_replayed"


def is_spared(token: str, key: str | None = None) -> None:
    with pytest.raises(RefreshRefused) as refused:
        trade(token, key)
    assert refused.value.code == "refresh_token_not_found"
    assert refused.value.message == "Invalid Refresh Token: Refresh Token Not Found"
    assert ended() == (None, "")


def test_a_replay_ends_the_session_is_written_down_and_told_to_its_owner(
    person: Person, moved: Clock
) -> None:
    me, first = person.me(), person.grant.refresh_token
    trade(trade(first).refresh_token)
    mail.outbox.clear()
    moved.shift(7)
    is_replay(first)
    assert ended() == (me.session.created_at + timedelta(seconds=7), "refresh_replayed")
    assert events.last() == events.by(me, "refresh_replayed", "refused", presented=1, current=3)
    (letter,) = mail.outbox
    assert letter.to == ["ann@example.com"]
    assert letter.subject == "You were signed out of Acme on one device"


def test_a_replay_is_not_judged_in_a_transaction_that_may_be_rolled_back(person: Person) -> None:
    first = person.grant.refresh_token
    trade(first)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        trade(first)


def test_only_that_session_ends(person: Person) -> None:
    other = person.another_session()
    first = person.grant.refresh_token
    trade(first)
    with pytest.raises(RefreshRefused):
        trade(first)
    assert Session.objects.get(pk=other.pk).ended_at is None
    assert not Event.objects.filter(session_id=other.pk, kind="refresh_replayed").exists()


def test_a_retry_of_the_last_refresh_gets_its_child(person: Person, moved: Clock) -> None:
    first = person.grant.refresh_token
    child = trade(first, "tab")
    moved.shift(60)
    again = trade(first, "tab")
    assert again.refresh_token == child.refresh_token
    assert (again.session.generation, again.account) == (2, person.account)
    assert again.expires_at == child.expires_at + 60
    assert Session.objects.get().generation == 2
    trade(child.refresh_token, "tab")
    is_replay(first, "tab")


def test_a_retry_without_a_key_or_with_another_is_a_replay(person: Person) -> None:
    first = person.grant.refresh_token
    trade(first, "tab")
    is_replay(first, "other")


def test_a_key_that_the_first_time_did_not_have_is_worth_nothing(person: Person) -> None:
    first = person.grant.refresh_token
    trade(first)
    is_replay(first, "tab")


def test_without_a_grace_the_very_same_moment_is_too_late(person: Person) -> None:
    first = person.grant.refresh_token
    trade(first)
    is_replay(first)


@pytest.mark.parametrize(("seconds", "same"), [(0, True), (9, True), (10, True), (11, False)])
def test_the_grace_of_a_backend_has_an_end(
    person: Person, moved: Clock, seconds: int, same: bool
) -> None:
    Backend.objects.update(refresh_reuse_grace=10)
    first = person.grant.refresh_token
    child = trade(first)
    moved.shift(seconds)
    if not same:
        is_replay(first)
        return
    again = trade(first)
    assert again.refresh_token == child.refresh_token
    assert again.expires_at == child.expires_at + seconds


def test_the_grace_is_of_the_parent_alone(person: Person) -> None:
    Backend.objects.update(refresh_reuse_grace=10)
    first = person.grant.refresh_token
    trade(trade(first).refresh_token)
    is_replay(first)


@pytest.mark.parametrize(("seconds", "spared"), [(0, True), (29, True), (30, True), (31, False)])
def test_a_token_that_a_verification_overtook_is_no_replay_for_half_a_minute(
    person: Person, moved: Clock, seconds: int, spared: bool
) -> None:
    Backend.objects.update(refresh_reuse_grace=60)
    first = person.grant.refresh_token
    person.enrol()
    moved.shift(seconds)
    (is_spared if spared else is_replay)(first)


def test_what_is_older_than_that_is_a_replay_at_once(person: Person) -> None:
    first = person.grant.refresh_token
    person.grant = trade(first)
    person.enrol()
    is_replay(first)


def test_a_verification_between_a_refresh_and_its_retry_does_no_harm(person: Person) -> None:
    first = person.grant.refresh_token
    person.grant = trade(first, "tab")
    person.enrol()
    again = trade(first, "tab")
    assert again.session.generation == 3
    assert again.refresh_token == person.grant.refresh_token


def test_but_two_refreshes_do(person: Person, moved: Clock) -> None:
    first = person.grant.refresh_token
    person.grant = trade(trade(first, "tab").refresh_token, "tab")
    person.enrol()
    is_replay(first, "tab")


def test_whoever_was_overtaken_while_writing_is_judged_by_what_is_there_now(
    person: Person, moved: Clock
) -> None:
    me, first = person.me(), person.grant.refresh_token
    read = found(person.grant.session.pk)
    child = trade(first, "tab")
    assert with_what_was_read(read, first, "tab").refresh_token == child.refresh_token
    read = found(person.grant.session.pk)
    trade(child.refresh_token)
    mail.outbox.clear()
    with pytest.raises(RefreshRefused) as refused:
        with_what_was_read(read, child.refresh_token)
    assert refused.value.code == "refresh_token_already_used"
    assert events.last() == events.by(me, "refresh_replayed", "refused", presented=2, current=3)
    assert [letter.to for letter in mail.outbox] == [["ann@example.com"]]


@pytest.mark.parametrize(
    ("reason", "code"),
    [("signed_out", "refresh_token_not_found"), ("newer_login", "session_expired")],
)
def test_a_session_that_was_ended_while_writing_is_no_replay(
    person: Person, reason: str, code: str
) -> None:
    read = found(person.grant.session.pk)
    Session.objects.all().end(now=person.session.created_at, reason=reason)
    before = Event.objects.count()
    with pytest.raises(RefreshRefused) as refused:
        with_what_was_read(read, person.grant.refresh_token)
    assert refused.value.code == code
    assert ended()[1] == reason
    assert Event.objects.count() == before


def test_a_session_that_was_deleted_while_writing_is_unknown(person: Person) -> None:
    read = found(person.grant.session.pk)
    Session.objects.all().delete()
    with pytest.raises(RefreshRefused) as refused:
        with_what_was_read(read, person.grant.refresh_token)
    assert refused.value.code == "refresh_token_not_found"
