"""A refresh: what it writes, what it answers with, and each refusal to the second."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError

from lingauth.conf import settings
from lingauth.core import refresh
from lingauth.core.errors import DomainError, RefreshRefused, Unavailable
from lingauth.core.refresh import Kind, decode
from lingauth.models import Account, Backend, Session
from lingauth.services import sessions
from lingauth.services.access import Access
from tests.lingauth.api.people import Clock
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend
from tests.support.refreshing import found, trade
from tests.support.statements import executed

pytestmark = pytest.mark.django_db

MESSAGE = "Invalid Refresh Token: "


@pytest.fixture
def person(moved: Clock) -> Person:
    return Person.sign_up(new_backend().backend, "ann@example.com")


def row(person: Person) -> dict[str, Any]:
    values = Session.objects.filter(pk=person.grant.session.pk).values().get()
    return {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in values.items()
    }


def refusal(token: object, key: str | None = None) -> tuple[str, str, int]:
    with pytest.raises(RefreshRefused) as refused:
        trade(token, key)
    error = refused.value
    assert (error.details, error.retry_after, error.hint, error.challenge) == (None,) * 4
    return error.code, error.message, error.status


UNKNOWN = ("refresh_token_not_found", f"{MESSAGE}Refresh Token Not Found", 400)
BANNED = ("user_banned", f"{MESSAGE}User Banned", 400)
EXPIRED = ("session_expired", f"{MESSAGE}Session Expired", 400)
IDLE = ("session_expired", f"{MESSAGE}Session Expired (Inactivity)", 400)
NEWER = ("session_expired", f"{MESSAGE}Session Expired (Revoked by Newer Login)", 400)
USED = ("refresh_token_already_used", f"{MESSAGE}Already Used", 400)


def test_it_advances_the_row_and_changes_nothing_else(person: Person, moved: Clock) -> None:
    before = row(person)
    moved.shift(60)
    trade(person.grant.refresh_token, "tab")
    now = before["created_at"] + timedelta(seconds=60)
    assert row(person) == before | {
        "generation": 2,
        "retry_digest": hmac.digest(before["secret"], b"tab", sha256),
        "advanced_at": now,
        "advanced_by": "refresh",
        "refreshed_at": now,
    }


def test_it_answers_with_the_session_as_it_is_now(person: Person, moved: Clock) -> None:
    person.enrol()
    moved.shift(60)
    granted = trade(person.grant.refresh_token)
    stored = person.session
    for name in ("generation", "refreshed_at", "verified_at", "ended_at", "elevations"):
        assert getattr(granted.session, name) == getattr(stored, name)
    assert granted.session.generation == 3
    claim = decode(granted.refresh_token)
    assert claim is not None
    assert (claim.session_id, claim.counter) == (stored.pk, 3)
    assert granted.refresh_token != person.grant.refresh_token
    assert (granted.backend.ref, granted.account) == ("acme", person.account)
    assert granted.expires_in == 300
    assert granted.expires_at == int(stored.refreshed_at.timestamp()) + 300


def test_it_hands_on_what_was_read_along(person: Person) -> None:
    read = found(person.grant.session.pk)
    claim = decode(person.grant.refresh_token)
    assert claim is not None
    granted = sessions.exchange(read, claim, idempotency_key=None, client=CLIENT)
    assert granted.factors is read.factors
    assert granted.profile.identities is read.identities


@pytest.mark.parametrize(("seconds", "stays"), [(3599, True), (3600, False)])
def test_an_aal2_that_was_left_idle_too_long_is_dropped(
    person: Person, moved: Clock, seconds: int, stays: bool
) -> None:
    person.enrol()
    verified = row(person)["verified_at"]
    assert verified is not None
    moved.shift(seconds)
    granted = trade(person.grant.refresh_token)
    assert row(person)["verified_at"] == (verified if stays else None)
    assert granted.session.verified_at == (verified if stays else None)


def test_what_is_no_token_of_ours_is_unknown(person: Person) -> None:
    session = person.session
    secret, key = bytes(session.secret), settings.keychain.current("refresh token")
    assert refusal(None) == UNKNOWN
    assert refusal("x" * 76) == UNKNOWN
    assert refusal(refresh.encode(Kind.REFRESH, uuid4(), 1, secret, key)) == UNKNOWN
    assert refusal(refresh.encode(Kind.REFRESH, session.pk, 1, b"x" * 32, key)) == UNKNOWN
    assert refusal(refresh.encode(Kind.REFRESH, session.pk, 1, secret, b"x" * 32)) == UNKNOWN
    assert refusal(refresh.encode(Kind.COOKIE, session.pk, 1, secret, key)) == UNKNOWN
    assert refusal(refresh.encode(Kind.REFRESH, session.pk, 2, secret, key)) == UNKNOWN
    assert session.ended_at is None
    assert row(person)["generation"] == 1
    trade(refresh.encode(Kind.REFRESH, session.pk, 1, secret, key))


def test_an_account_that_may_not_be_used_is_told_so(person: Person) -> None:
    account = Account.objects.filter(pk=person.account.pk)
    later = person.session.created_at + timedelta(seconds=1)
    account.update(banned_until=later)
    assert refusal(person.grant.refresh_token) == BANNED
    account.update(banned_until=None)
    get_user_model().objects.filter(pk=person.account.user_id).update(is_active=False)
    assert refusal(person.grant.refresh_token) == BANNED


@pytest.mark.parametrize(
    ("reason", "answer"), [("signed_out", UNKNOWN), ("newer_login", NEWER), ("", UNKNOWN)]
)
def test_only_a_newer_sign_in_is_told_of(
    person: Person, reason: str, answer: tuple[str, str, int]
) -> None:
    Session.objects.update(ended_at=person.session.created_at, end_reason=reason)
    with executed() as statements:
        assert refusal(person.grant.refresh_token) == answer
    assert len(statements) == 1


def test_what_ended_stays_ended_for_a_retry_and_after_its_day(person: Person, moved: Clock) -> None:
    Backend.objects.update(session_max_idle=600)
    first = person.grant.refresh_token
    trade(first, "tab")
    Session.objects.all().end(now=person.session.created_at, reason="signed_out")
    before = row(person)
    assert refusal(first, "tab") == UNKNOWN
    moved.shift(31 * 86400)
    assert refusal(first, "tab") == UNKNOWN
    assert row(person) == before


def test_a_session_without_its_account_is_unknown(person: Person) -> None:
    claim = decode(person.grant.refresh_token)
    assert claim is not None
    read = found(claim.session_id)
    for part in (replace(read, account=None), replace(read, session=None)):
        with pytest.raises(RefreshRefused) as refused:
            sessions.exchange(part, claim, idempotency_key=None, client=CLIENT)
        assert refused.value.code == "refresh_token_not_found"


@pytest.mark.parametrize(("seconds", "lives"), [(7199, True), (7200, False), (7201, False)])
def test_it_lives_until_the_second_of_its_end(
    person: Person, moved: Clock, seconds: int, lives: bool
) -> None:
    Session.objects.update(expires_at=person.session.created_at + timedelta(seconds=7200))
    moved.shift(seconds)
    if lives:
        assert trade(person.grant.refresh_token).expires_in == 1
    else:
        assert refusal(person.grant.refresh_token) == EXPIRED


@pytest.mark.parametrize(("seconds", "lives"), [(599, True), (600, False)])
def test_it_may_be_left_idle_for_less_than_the_backend_says(
    person: Person, moved: Clock, seconds: int, lives: bool
) -> None:
    Backend.objects.update(session_max_idle=600)
    moved.shift(seconds)
    if lives:
        trade(person.grant.refresh_token)
    else:
        assert refusal(person.grant.refresh_token) == IDLE


def test_trouble_of_ours_signs_nobody_out(person: Person) -> None:
    def busy(session_id: UUID) -> Access:
        raise OperationalError("database is locked")

    with pytest.raises(Unavailable) as trouble:
        sessions.refresh(
            read=busy, token=person.grant.refresh_token, idempotency_key=None, client=CLIENT
        )
    error: DomainError = trouble.value
    assert (error.code, error.status, error.retry_after) == ("unavailable", 503, 1)
    assert error.message == "The service is busy. Try again in a moment."
