"""Adding an identity to one's own account: who may, and all that is written of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from lingauth.core import clock
from lingauth.core.errors import (
    AccountBanned,
    DomainError,
    InsufficientLevel,
    ReauthenticationNeeded,
    SessionGone,
)
from lingauth.models import Account, Event, Identity, Provider
from lingauth.services.access import SignedIn
from lingauth.services.notices import Notice
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
PROVE = "AAL2 session is required to link or unlink an identity when MFA is enabled."


@pytest.fixture
def bob(moved: Clock, corp: Provider) -> Person:
    return owner(corp.backend, BOB)


def attach(me: SignedIn, name: str = "corp", **changes: Any) -> Identity:
    return linking.attach(me, name, profile(**changes), CLIENT)


def test_only_where_the_backend_lets_people_link(bob: Person) -> None:
    me = bob.me()
    linking.may_change(me, clock.now())
    me.backend.manual_linking_enabled = False
    with pytest.raises(DomainError) as refused:
        linking.may_change(me, clock.now())
    assert (refused.value.code, refused.value.status) == ("manual_linking_disabled", 404)
    assert refused.value.message == "Manual linking is disabled"


@pytest.mark.parametrize(("seconds", "fresh"), [(599, True), (600, True), (601, False)])
def test_a_sign_in_of_the_last_ten_minutes_is_proof_without_a_factor(
    bob: Person, moved: Clock, seconds: int, fresh: bool
) -> None:
    moved.shift(seconds)
    if fresh:
        linking.may_change(bob.me(), clock.now())
        return
    with pytest.raises(ReauthenticationNeeded) as refused:
        linking.may_change(bob.me(), clock.now())
    assert refused.value.message == "Sign in again to link or unlink an identity."


def test_with_a_factor_its_code_is_asked_for(bob: Person, moved: Clock) -> None:
    bob.enrol()
    linking.may_change(bob.me(), clock.now())
    with pytest.raises(InsufficientLevel) as refused:
        linking.may_change(bob.me(bob.another_session()), clock.now())
    assert (refused.value.message, refused.value.details) == (PROVE, None)
    moved.shift(601)
    with pytest.raises(InsufficientLevel) as refused:
        linking.may_change(bob.me(), clock.now())
    assert refused.value.details == {"max_age": 600}


def test_a_code_is_proof_however_old_the_session_is(bob: Person, moved: Clock) -> None:
    moved.shift(3600)
    bob.enrol()
    linking.may_change(bob.me(), clock.now())


def test_who_began_is_who_may_go_on(bob: Person, moved: Clock) -> None:
    ref, session_id, account_id = bob.ref, bob.session.pk, bob.account.pk
    me = linking.still_may(ref=ref, session_id=session_id, account_id=account_id)
    assert (me.account.pk, me.session.pk) == (account_id, session_id)
    with pytest.raises(DomainError) as refused:
        linking.still_may(ref=ref, session_id=session_id, account_id=account_id + 1)
    assert (refused.value.code, refused.value.status) == ("bad_oauth_state", 400)
    with pytest.raises(SessionGone):
        linking.still_may(ref=ref, session_id=uuid4(), account_id=account_id)
    moved.shift(601)
    with pytest.raises(ReauthenticationNeeded):
        linking.still_may(ref=ref, session_id=session_id, account_id=account_id)
    Account.objects.update(banned_until=clock.now() + timedelta(days=1))
    with pytest.raises(AccountBanned):
        linking.still_may(ref=ref, session_id=session_id, account_id=account_id)


def test_an_identity_more(bob: Person, moved: Clock) -> None:
    before, mine, count = row(bob.account), identities(bob.account), Event.objects.count()
    moved.shift(5)
    at = clock.now()
    made = attach(bob.me())
    kept = Identity.objects.values().get(provider="corp")
    assert kept == {
        "id": made.pk,
        "uuid": made.uuid,
        "backend_id": bob.account.backend_id,
        "account_id": bob.account.pk,
        "provider": "corp",
        "subject": "s-1",
        "data": said(),
        "created_at": at,
        "updated_at": at,
    }
    assert identities(bob.account)[:-1] == mine
    assert row(bob.account) == before | {
        "app_metadata": {"provider": "email", "providers": ["email", "corp"]},
        "updated_at": at,
    }
    linked = event(bob.account, "identity_linked", provider="corp")
    assert events_since(count) == [linked | {"session_id": bob.session.pk}]


def test_an_identity_that_somebody_has(bob: Person, corp: Provider) -> None:
    attach(owner(corp.backend).me())
    count = Event.objects.count()
    with pytest.raises(DomainError) as refused:
        attach(bob.me())
    assert (refused.value.code, refused.value.status) == ("identity_already_exists", 422)
    assert refused.value.message == "Identity is already linked to another user"
    assert events_since(count) == []
    assert attach(bob.me(), subject="s-2")


def test_the_providers_are_named_in_the_order_they_came(bob: Person, moved: Clock) -> None:
    account = bob.account
    Account.objects.filter(pk=account.pk).update(app_metadata={"role": "x", "provider": "old"})
    for number, (name, after) in enumerate([("alpha", 2), ("zeta", 1), ("zeta", 3)]):
        at = clock.now() + timedelta(seconds=after)
        made = linking.added(account, name, profile(subject=f"s-{number}"), at)
        assert (made.created_at, made.updated_at) == (at, at)
    account.refresh_from_db()
    linking.refresh(account, clock.now())
    named = {"provider": "email", "providers": ["email", "zeta", "alpha"]}
    assert row(account)["app_metadata"] == {"role": "x", **named}
    Identity.objects.filter(provider="email").delete()
    linking.refresh(account, clock.now())
    assert row(account)["app_metadata"]["provider"] == "zeta"
    Identity.objects.all().delete()
    linking.refresh(account, clock.now())
    assert row(account)["app_metadata"]["provider"] == "zeta"


def test_of_some_that_came_at_once_the_lowest_number_is_first(bob: Person) -> None:
    """Where the order of rows is none of the database's own."""
    account, at = bob.account, clock.now()
    made = [linking.added(account, f"p-{n}", profile(), at) for n in range(3)]
    Identity.objects.filter(provider="email").delete()
    Identity.objects.filter(pk=made[2].pk).update(id=-1)
    linking.refresh(account, at)
    assert row(account)["app_metadata"]["providers"] == ["p-2", "p-0", "p-1"]


def test_the_owner_hears_of_it(bob: Person, told: Told) -> None:
    linking.tell(Notice.IDENTITY_UNLINKED, bob.account, "The Corp")
    assert told == [("identity_unlinked", BOB, {"provider": "The Corp"})]
