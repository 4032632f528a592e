"""A provider's answer that leads to an account: by its subject, or by a proven address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from lingauth.core.errors import AccountBanned, DomainError
from lingauth.models import Account, Event, Identity, Provider
from lingauth.services.social import decision, linking
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import (
    ADA,
    KEY,
    decide,
    event,
    events_since,
    identities,
    owner,
    profile,
    row,
    said,
)
from tests.support.people import Person, new_backend
from tests.support.statements import counted

pytestmark = pytest.mark.django_db

Told = list[tuple[str, str, dict[str, Any]]]


def test_a_subject_leads_back_and_what_is_said_of_it_is_renewed(
    moved: Clock, corp: Provider, told: Told
) -> None:
    account = decide(corp, profile())
    before, count = row(account), Event.objects.count()
    moved.shift(5)
    assert decide(corp, profile("other@example.com")) == account
    assert row(account) == before
    assert identities(account) == [("corp", "s-1", said(email="other@example.com"))]
    only = Identity.objects.get()
    assert (only.created_at, only.updated_at) == (
        account.created_at,
        account.created_at + timedelta(seconds=5),
    )
    assert (told, events_since(count)) == ([], [])


def test_a_subject_is_of_its_provider_and_its_backend(corp: Provider) -> None:
    account = decide(corp, profile(""))
    assert decide(corp, profile("", subject="s-2")) != account
    Identity.objects.filter(account=account).update(provider="other")
    assert decide(corp, profile("")) != account
    theirs = Person.sign_up(new_backend("other").backend).account
    linking.added(theirs, "corp", profile(subject="s-3"), theirs.created_at)
    assert decide(corp, profile("", subject="s-3")) != theirs


def test_another_issuer_of_that_name_leads_nowhere(corp: Provider) -> None:
    decide(corp, profile())
    with pytest.raises(DomainError) as refused:
        decide(corp, profile(issuer="https://other.example.com"))
    assert (refused.value.code, refused.value.status) == ("bad_oauth_callback", 400)
    assert identities(Account.objects.get()) == [("corp", "s-1", said())]


def test_an_identity_that_was_brought_along_gets_its_issuer(corp: Provider) -> None:
    account = decide(corp, profile())
    Identity.objects.update(data={"sub": "s-1"})
    assert decide(corp, profile()) == account
    assert identities(account) == [("corp", "s-1", said())]


def test_an_identity_that_is_unlinked_meanwhile_leads_nowhere(
    corp: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(corp, profile())
    hold = Account.objects.hold

    def unlink_first(account_id: int) -> None:
        Identity.objects.all().delete()
        hold(account_id)

    monkeypatch.setattr(Account.objects, "hold", unlink_first)
    with pytest.raises(DomainError) as refused:
        decide(corp, profile())
    assert (refused.value.code, refused.value.status) == ("identity_not_found", 422)
    assert refused.value.message == "Identity doesn't exist"


@pytest.mark.parametrize("barred", ["banned_until", "deleted_at", "is_active"])
@pytest.mark.parametrize("known", [True, False])
def test_an_account_that_is_barred_is_not_signed_in_to(
    moved: Clock, corp: Provider, barred: str, known: bool
) -> None:
    account = decide(corp, profile()) if known else owner(corp.backend).account
    if barred == "is_active":
        account.user.is_active = False
        account.user.save()
    else:
        later = account.created_at + timedelta(days=1)
        Account.objects.filter(pk=account.pk).update(**{barred: later})
    ways = identities(account)
    with pytest.raises(AccountBanned):
        decide(corp, profile())
    assert identities(account) == ways


def test_a_proven_address_leads_to_whoever_has_proven_it_here(
    moved: Clock, corp: Provider, told: Told
) -> None:
    decide(corp, profile("other@example.com", subject="s-0"))
    person = owner(corp.backend)
    before, count = row(person.account), Event.objects.count()
    mine = identities(person.account)
    moved.shift(5)
    account = decide(corp, profile())
    assert account == person.account
    assert row(account) == before | {
        "app_metadata": {"provider": "email", "providers": ["email", "corp"]},
        "updated_at": before["updated_at"] + timedelta(seconds=5),
    }
    assert identities(account) == [*mine, ("corp", "s-1", said())]
    assert events_since(count) == [event(account, "identity_linked", provider="corp")]
    assert told == [("identity_linked", KEY, {"provider": "The Corp"})]
    assert person.session.ended_at is None
    assert person.sign_in()


def test_any_of_the_proven_addresses_leads_there(corp: Provider) -> None:
    theirs = owner(corp.backend, "ada@home.example").account
    assert decide(corp, profile(proven=(ADA, "Ada@HOME.example"))) == theirs


def test_an_address_is_of_its_backend(corp: Provider) -> None:
    theirs = Person.sign_up(new_backend("other").backend, KEY).account
    assert decide(corp, profile()) != theirs


def test_a_second_subject_of_the_provider_is_somebody_else(corp: Provider, told: Told) -> None:
    account = decide(corp, profile())
    count = Event.objects.count()
    with pytest.raises(DomainError) as refused:
        decide(corp, profile(subject="s-2"))
    assert (refused.value.code, refused.value.status) == ("identity_already_exists", 422)
    assert refused.value.message == "This account signs in by another account of The Corp"
    assert identities(account) == [("corp", "s-1", said())]
    assert (told, events_since(count)) == ([], [])


def test_who_waited_for_the_same_person_finds_them(
    corp: Provider, monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    """Two answers at the same moment: the second sees the account, then the identity too."""
    theirs = owner(corp.backend).account
    hold = Account.objects.hold

    def be_second(account_id: int) -> None:
        monkeypatch.setattr(Account.objects, "hold", hold)
        linking.added(theirs, "corp", profile(), theirs.created_at)
        hold(account_id)

    monkeypatch.setattr(Account.objects, "hold", be_second)
    assert decide(corp, profile()) == theirs
    assert identities(theirs)[1:] == [("corp", "s-1", said())]
    assert told == []


def test_who_waited_for_somebody_unproven_takes_them_over(
    corp: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = owner(corp.backend, email_confirmed_at=None).account
    hold = Account.objects.hold

    def be_second(account_id: int) -> None:
        monkeypatch.setattr(Account.objects, "hold", hold)
        linking.added(theirs, "corp", profile(), theirs.created_at)
        hold(account_id)

    monkeypatch.setattr(Account.objects, "hold", be_second)
    count = Event.objects.count()
    assert decide(corp, profile()) == theirs
    assert events_since(count) == [
        event(theirs, "email_confirmed", provider="corp"),
        event(theirs, "identity_linked", provider="corp"),
    ]


def test_an_address_that_was_changed_meanwhile_leads_to_a_new_account(
    corp: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = owner(corp.backend).account
    hold = Account.objects.hold

    def change_first(account_id: int) -> None:
        Account.objects.filter(pk=account_id).update(email_key="new@example.com")
        hold(account_id)

    monkeypatch.setattr(Account.objects, "hold", change_first)
    account = decide(corp, profile())
    assert account.pk != theirs.pk
    assert account.email == ADA


def test_an_identity_at_the_same_moment_has_it_decided_again(
    corp: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = decide(corp, profile(""))
    find, calls = decision._identity, []

    def not_yet(provider: Provider, found: Any) -> Identity | None:
        calls.append(found)
        return find(provider, found) if len(calls) > 1 else None

    monkeypatch.setattr(decision, "_identity", not_yet)
    assert decide(corp, profile("")) == account
    monkeypatch.setattr(decision, "_identity", lambda *_: None)
    with pytest.raises(IntegrityError):
        decide(corp, profile(""))


def test_whose_turn_it_is_is_waited_for_first(corp: Provider) -> None:
    decide(corp, profile())
    with counted() as statements:
        decide(corp, profile())
    written = [each for each in statements if each.startswith("UPDATE")]
    assert ['"lingauth_account"' in written[0], '"lingauth_identity"' in written[1]] == [True] * 2
    assert len(written) == 2
