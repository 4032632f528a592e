"""Signing in by password: all that it writes, what it answers with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from lingauth.models import Account, Backend, Event, GuessLimit, RateLimit, Session
from lingauth.services import signin
from tests.lingauth.api.people import Clock
from tests.support import events
from tests.support.app import PASSWORD
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend
from tests.support.signing_in import found, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(moved: Clock) -> Person:
    """Somebody who signed up a minute ago."""
    person = Person.sign_up(new_backend().backend, "ann@example.com")
    moved.shift(60)
    return person


def test_it_begins_a_session_and_writes_it_down(ann: Person, moved: Clock) -> None:
    now = ann.session.created_at + timedelta(seconds=60)
    granted = sign_in()
    row: dict[str, Any] = {**Session.objects.values().get(pk=granted.session.pk)}
    assert len(row.pop("secret")) == 32
    assert row == {
        "id": granted.session.pk,
        "backend_id": ann.account.backend_id,
        "account_id": ann.account.pk,
        "generation": 1,
        "retry_digest": None,
        "advanced_at": now,
        "advanced_by": "sign_in",
        "elevations": 0,
        "verified_at": None,
        "methods": [{"method": "password", "timestamp": int(now.timestamp())}],
        "created_at": now,
        "refreshed_at": now,
        "expires_at": now + timedelta(days=30),
        "ended_at": None,
        "end_reason": "",
        "user_agent": "tests",
        "ip": "192.0.2.7",
    }
    me = ann.me(granted.session)
    assert events.last() == events.by(me, "signed_in", method="password")
    assert Event.objects.filter(kind="signed_in", session_id=granted.session.pk).count() == 1
    assert granted.account.last_sign_in_at == now
    assert Account.objects.get().last_sign_in_at == now
    guess = GuessLimit.objects.get()
    assert (guess.failures, guess.locked_until, guess.updated_at) == (0, None, now)
    assert not RateLimit.objects.exists()


def test_it_answers_with_what_was_read_and_with_tokens_of_now(ann: Person) -> None:
    ann.enrol()
    read = found("ann@example.com")
    granted = signin.with_password(
        read=lambda key: read, email=ann.email, password=PASSWORD, client=CLIENT
    )
    assert granted.factors is read.factors
    assert granted.profile.identities is read.identities
    assert granted.backend is read.backend
    assert (granted.expires_in, granted.weakness) == (300, None)
    assert granted.expires_at == int(granted.session.created_at.timestamp()) + 300


def test_a_password_that_would_not_be_taken_today_is_called_weak(ann: Person) -> None:
    assert ann.grant.weakness is None
    Backend.objects.update(password_min_length=40)
    told = sign_in().weakness
    assert told is not None
    assert told.reasons == ["length"]
    assert told.message == "Password should be at least 40 characters."


def test_a_password_that_tells_of_its_address_is_called_weak(ann: Person) -> None:
    user = ann.account.user
    user.set_password("ann@example.com")
    user.save()
    told = sign_in("ann@example.com").weakness
    assert told is not None
    assert told.reasons == ["pwned"]


def test_it_is_not_done_within_what_may_be_rolled_back(ann: Person) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside of any transaction"):
        sign_in()
