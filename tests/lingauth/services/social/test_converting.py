"""Somebody anonymous becomes a full account by an identity: with what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingauth.core import clock
from lingauth.models import Account, Backend, Event, Provider
from lingauth.services import anonymous
from lingauth.services.access import SignedIn
from lingauth.services.social import linking
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import (
    ADA,
    KEY,
    event,
    events_since,
    owner,
    profile,
    row,
)
from tests.support.acts import CLIENT
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db


def nobody(backend: Backend) -> SignedIn:
    """Somebody anonymous, signed in."""
    Backend.objects.filter(pk=backend.pk).update(anonymous_enabled=True)
    backend.refresh_from_db()
    grant = anonymous.sign_in(backend=backend, client=CLIENT)
    return Person(backend.ref, "", grant).me()


def attach(me: SignedIn, email: str = ADA, *, verified: bool = True) -> None:
    linking.attach(me, "corp", profile(email, verified=verified), CLIENT)


def test_somebody_anonymous_has_nothing_to_prove(corp: Provider, moved: Clock) -> None:
    me = nobody(corp.backend)
    moved.shift(3600)
    linking.may_change(me, clock.now())


def test_somebody_anonymous_becomes_a_full_account(corp: Provider, moved: Clock) -> None:
    me = nobody(corp.backend)
    Account.objects.update(user_metadata={"theme": "dark", "full_name": "Mine"})
    me.account.refresh_from_db()
    before, count = row(me.account), Event.objects.count()
    moved.shift(5)
    at = clock.now()
    attach(me)
    assert row(me.account) == before | {
        "is_anonymous": False,
        "email": ADA,
        "email_key": KEY,
        "email_confirmed_at": at,
        "user_metadata": {"full_name": "Mine", "theme": "dark"},
        "app_metadata": {**before["app_metadata"], "provider": "corp", "providers": ["corp"]},
        "updated_at": at,
    }
    assert Account.objects.select_related("user").get().user.email == ADA
    assert events_since(count) == [
        event(me.account, kind, provider="corp") | {"session_id": me.session.pk}
        for kind in ("account_converted", "identity_linked")
    ]


@pytest.mark.parametrize("why", ["not proven", "taken", "none"])
def test_an_address_that_cannot_be_theirs_is_not(corp: Provider, why: str) -> None:
    me = nobody(corp.backend)
    if why == "taken":
        owner(corp.backend)
    attach(me, email="" if why == "none" else ADA, verified=why != "not proven")
    written = row(me.account)
    assert (written["email"], written["email_key"]) == ("", str(me.account.uuid))
    assert (written["email_confirmed_at"], written["is_anonymous"]) == (None, False)
    assert written["user_metadata"] == {"full_name": "Ada"}
    me.account.user.refresh_from_db()
    assert me.account.user.email == ""


def test_nothing_else_of_the_account_is_written(corp: Provider, moved: Clock) -> None:
    """It was read a moment ago, and may have been changed since."""
    me, later = nobody(corp.backend), clock.now() + timedelta(days=1)
    Account.objects.update(invited_at=later)
    linking._convert(me.account, profile(), clock.now())
    linking.refresh(me.account, clock.now())
    linking._drop_password(me, clock.now())
    assert row(me.account)["invited_at"] == later


def test_an_address_of_another_backend_is_free_here(corp: Provider) -> None:
    Person.sign_up(new_backend("other").backend, KEY)
    me = nobody(corp.backend)
    attach(me)
    assert row(me.account)["email_key"] == KEY
