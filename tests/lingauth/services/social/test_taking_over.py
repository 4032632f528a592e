"""A provider's answer for an account whose address nobody had proven: its owner takes it over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingauth.core.errors import DomainError
from lingauth.models import Account, Event, Identity, Provider, TotpFactor
from lingauth.services import mail_tokens
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
from tests.support.people import Person

pytestmark = pytest.mark.django_db

Told = list[tuple[str, str, dict[str, Any]]]
Asked = list[dict[str, Any]]


@pytest.fixture
def squatter(moved: Clock, corp: Provider) -> Person:
    """Somebody who signed up with another's address and waits, signed in somehow."""
    person = owner(corp.backend, email_confirmed_at=None)
    moved.shift(5)
    return person


def test_nothing_of_whoever_was_there_remains(
    moved: Clock, corp: Provider, squatter: Person, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    voided: list[Account] = []

    def void(account: Account) -> None:
        voided.append(account)
        Account.objects.update(invited_at=account.created_at)  # not written over by what is read

    monkeypatch.setattr(mail_tokens, "void", void)
    before, count = row(squatter.account), Event.objects.count()
    account = decide(corp, profile())
    at = before["created_at"] + timedelta(seconds=5)
    assert account == squatter.account
    assert row(account) == before | {
        "email_confirmed_at": at,
        "password_changed_at": at,
        "updated_at": at,
        "invited_at": before["created_at"],
        "user_metadata": said(email=ADA),
        "app_metadata": {"provider": "corp", "providers": ["corp"]},
    }
    assert identities(account) == [("corp", "s-1", said())]
    only = Identity.objects.get()
    assert (only.created_at, only.updated_at) == (at, at)
    assert (squatter.session.ended_at, squatter.session.end_reason) == (at, "address_confirmed")
    account.user.refresh_from_db()
    assert not account.user.has_usable_password()
    assert voided == [account]
    assert events_since(count) == [
        event(account, "email_confirmed", provider="corp"),
        event(account, "identity_linked", provider="corp"),
    ]
    assert told == [("identity_linked", KEY, {"provider": "The Corp"})]


def test_what_the_backend_confirmed_by_itself_nobody_has_proven(
    moved: Clock, corp: Provider, told: Told
) -> None:
    person = owner(corp.backend, auto_confirmed=True)
    moved.shift(5)
    account = decide(corp, profile())
    assert account == person.account
    written = row(account)
    assert written["auto_confirmed"] is False
    assert written["email_confirmed_at"] == account.created_at + timedelta(seconds=5)
    assert identities(account) == [("corp", "s-1", said())]
    assert person.session.end_reason == "address_confirmed"


def test_a_factor_is_not_swept_aside(moved: Clock, corp: Provider, told: Told) -> None:
    person = owner(corp.backend, auto_confirmed=True).enrol()
    before, ways, count = row(person.account), identities(person.account), Event.objects.count()
    with pytest.raises(DomainError) as refused:
        decide(corp, profile())
    assert (refused.value.code, refused.value.status) == ("email_exists", 422)
    assert refused.value.message == (
        "A user with this email address has already been registered. Sign in and link the "
        "identity from there"
    )
    assert row(person.account) == before
    assert identities(person.account) == ways
    assert (told, events_since(count)) == ([], [])
    owner(corp.backend, "other@example.com").enrol()
    TotpFactor.objects.filter(account=person.account).update(confirmed=False)
    assert decide(corp, profile()) == person.account


def test_a_factor_protects_what_was_proven_not_what_waits(moved: Clock, corp: Provider) -> None:
    """Who enrols one for an address that nobody has proven cannot lock its owner out."""
    person = owner(corp.backend).enrol()
    assert decide(corp, profile()) == person.account
    assert TotpFactor.objects.count() == 1
    Identity.objects.filter(provider="corp").delete()
    Account.objects.update(email_confirmed_at=None)
    assert decide(corp, profile()) == person.account
    assert TotpFactor.objects.count() == 0


def test_the_providers_own_other_subject_goes_too(corp: Provider, squatter: Person) -> None:
    Identity.objects.create(
        backend=corp.backend, account=squatter.account, provider="corp", subject="s-0"
    )
    decide(corp, profile())
    assert identities(squatter.account) == [("corp", "s-1", said())]


def test_who_waits_for_a_mail_still_waits(corp: Provider, asked: Asked) -> None:
    for times in (1, 2):
        with pytest.raises(DomainError) as refused:
            decide(corp, profile(verified=False))
        assert refused.value.code == "provider_email_needs_verification"
        assert [mail["email"] for mail in asked] == [ADA] * times
    assert identities(Account.objects.get()) == [("corp", "s-1", said(verified=False))]


def test_who_waits_is_confirmed_once_the_provider_has_proven_the_address(
    moved: Clock, corp: Provider, told: Told, asked: Asked
) -> None:
    with pytest.raises(DomainError):
        decide(corp, profile(verified=False))
    account, count = Account.objects.get(), Event.objects.count()
    moved.shift(5)
    assert decide(corp, profile()) == account
    at = account.created_at + timedelta(seconds=5)
    assert row(account)["email_confirmed_at"] == at
    assert row(account)["user_metadata"] == said()
    assert identities(account) == [("corp", "s-1", said())]
    assert events_since(count) == [
        event(Account.objects.get(), "email_confirmed", provider="corp"),
        event(Account.objects.get(), "identity_linked", provider="corp"),
    ]
    assert (told, len(asked)) == ([], 1)
