"""Taking an identity away: which, what goes with it, and what stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import DomainError, ReauthenticationNeeded
from lingauth.models import Account, Event, Identity, Provider
from lingauth.services import mail_tokens, turns
from lingauth.services.access import SignedIn
from lingauth.services.social import linking
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import (
    event,
    events_since,
    identities,
    owner,
    profile,
    row,
    said,
)
from tests.support.acts import CLIENT
from tests.support.people import Person

pytestmark = pytest.mark.django_db

Told = list[tuple[str, str, dict[str, Any]]]
BOB = "bob@example.com"


@pytest.fixture
def bob(moved: Clock, corp: Provider) -> Person:
    """With a password and the provider."""
    person = owner(corp.backend, BOB)
    linking.attach(person.me(), "corp", profile(), CLIENT)
    moved.shift(5)
    return person


def one(provider: str) -> UUID:
    return Identity.objects.get(provider=provider).uuid


def unlink(me: SignedIn, identity: UUID) -> None:
    linking.unlink(me=me, identity_uuid=identity, client=CLIENT)


def test_the_providers_goes_alone(bob: Person, told: Told) -> None:
    before, count, phone = row(bob.account), Event.objects.count(), bob.another_session()
    count += 1
    unlink(bob.me(), one("corp"))
    assert [name for name, *_ in identities(bob.account)] == ["email"]
    changed = row(bob.account)
    assert changed == before | {
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "updated_at": clock.now(),
        "last_sign_in_at": clock.now(),
    }
    unlinked = event(bob.account, "identity_unlinked", provider="corp")
    assert events_since(count) == [unlinked | {"session_id": bob.session.pk}]
    assert told == [("identity_unlinked", BOB, {"provider": "Corp"})]
    phone.refresh_from_db()
    assert phone.ended_at is None
    assert bob.sign_in()


def test_with_the_one_of_the_address_goes_the_password(
    bob: Person, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    voided: list[Account] = []
    monkeypatch.setattr(mail_tokens, "void", voided.append)
    phone, before = bob.another_session(), row(bob.account)
    at = clock.now()
    unlink(bob.me(), one("email"))
    assert identities(bob.account) == [("corp", "s-1", said())]
    assert row(bob.account) == before | {
        "app_metadata": {"provider": "corp", "providers": ["corp"]},
        "password_changed_at": at,
        "updated_at": at,
    }
    assert not Account.objects.select_related("user").get().user.has_usable_password()
    phone.refresh_from_db()
    assert (phone.ended_at, phone.end_reason) == (at, "password_changed")
    assert bob.session.ended_at is None
    assert voided == [bob.account]
    assert told == [("identity_unlinked", BOB, {"provider": "Email"})]


def test_nobody_elses_loses_a_session_by_it(bob: Person, corp: Provider) -> None:
    other = owner(corp.backend, "other@example.com")
    unlink(bob.me(), one_of(bob, "email"))
    assert other.session.ended_at is None
    assert other.sign_in()


def one_of(person: Person, provider: str) -> UUID:
    return Identity.objects.get(account=person.account, provider=provider).uuid


def test_what_is_not_theirs_is_not_there(bob: Person, corp: Provider, told: Told) -> None:
    theirs, count = one_of(owner(corp.backend, "other@example.com"), "email"), Event.objects.count()
    for identity in (theirs, uuid4()):
        with pytest.raises(DomainError) as refused:
            unlink(bob.me(), identity)
        assert (refused.value.code, refused.value.status) == ("identity_not_found", 422)
        assert refused.value.message == "Identity doesn't exist"
    assert Identity.objects.count() == 3
    assert (told, events_since(count)) == ([], [])


def test_the_last_one_stays(bob: Person, told: Told) -> None:
    Identity.objects.filter(provider="email").delete()
    with pytest.raises(DomainError) as refused:
        unlink(bob.me(), one("corp"))
    assert refused.value.code == "single_identity_not_deletable"
    assert refused.value.status == 422
    assert refused.value.message == "User must have at least 1 identity after unlinking"
    assert len(identities(bob.account)) == 1
    assert told == []


def test_it_takes_a_recent_proof(bob: Person, moved: Clock) -> None:
    me = bob.me()
    moved.shift(timedelta(minutes=10))
    with pytest.raises(ReauthenticationNeeded):
        unlink(me, one("corp"))
    assert len(identities(bob.account)) == 2


def test_it_is_judged_again_once_it_is_their_turn(
    bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody enrolled a factor in between: this session has not proven it."""
    me, take = bob.me(), turns.take
    monkeypatch.setattr(turns, "take", lambda me: take(me).after(has_factor=True))
    with pytest.raises(DomainError) as refused:
        unlink(me, one("corp"))
    assert refused.value.code == "insufficient_aal"
    assert len(identities(bob.account)) == 2


def test_who_may_not_waits_for_no_turn(
    bob: Person, moved: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = bob.me()
    moved.shift(timedelta(minutes=10))
    monkeypatch.setattr(turns, "take", lambda me: pytest.fail("it was waited for"))
    with pytest.raises(ReauthenticationNeeded):
        unlink(me, one("corp"))


def test_it_is_not_part_of_what_may_be_rolled_back(bob: Person) -> None:
    me, identity = bob.me(), one("corp")
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        unlink(me, identity)
