"""A provider's answer that leads to a new account: all that is written of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lingauth.core.errors import DomainError, SignupDisabled
from lingauth.models import Account, Identity, Provider
from lingauth.services import users
from lingauth.services.mail_tokens import Purpose
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import (
    ADA,
    KEY,
    decide,
    event,
    identities,
    owner,
    profile,
    row,
    said,
)
from tests.support import acts
from tests.support.acts import CLIENT

pytestmark = pytest.mark.django_db

Told = list[tuple[str, str, dict[str, Any]]]
Asked = list[dict[str, Any]]


def test_an_account_of_its_own(moved: Clock, corp: Provider, told: Told, asked: Asked) -> None:
    account = decide(corp, profile())
    written, at = row(account), account.created_at
    assert written.pop("id") == account.pk
    assert written.pop("uuid") == account.uuid
    assert written.pop("user_id") == account.user.pk
    assert written == {
        "backend_id": corp.backend_id,
        "adopted": False,
        "email": ADA,
        "email_key": KEY,
        "email_confirmed_at": at,
        "auto_confirmed": False,
        "confirmation_sent_at": None,
        "recovery_sent_at": None,
        "reauthentication_sent_at": None,
        "invited_at": None,
        "new_email": "",
        "email_change_sent_at": None,
        "is_anonymous": False,
        "banned_until": None,
        "deleted_at": None,
        "mfa_enrolled_at": None,
        "last_sign_in_at": None,
        "password_changed_at": None,
        "user_metadata": said(),
        "app_metadata": {"provider": "corp", "providers": ["corp"]},
        "created_at": at,
        "updated_at": at,
    }
    assert identities(account) == [("corp", "s-1", said())]
    only = Identity.objects.get()
    assert (only.backend_id, only.created_at, only.updated_at) == (corp.backend_id, at, at)
    assert acts.written()[-1] == event(account, "signed_up", provider="corp")
    assert (told, asked) == ([], [])


def test_its_moment_is_that_of_all_of_it(corp: Provider) -> None:
    """Without a clock that stands."""
    account = decide(corp, profile())
    only = Identity.objects.get()
    assert {account.created_at, account.updated_at, account.email_confirmed_at} == {only.created_at}


def test_its_user_is_made_by_the_hosts_factory(
    corp: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    make = users.make_user

    def noting(**values: Any) -> Any:
        asked.append(values)
        return make(**values)

    monkeypatch.setattr(users, "make_user", noting)
    account = decide(corp, profile())
    backend, uuid = corp.backend, account.uuid
    assert asked == [{"backend": backend, "account_uuid": uuid, "email": ADA, "password": None}]


def test_its_user_has_the_address_and_no_password(corp: Provider) -> None:
    account = decide(corp, profile())
    user = Account.objects.select_related("user").get().user
    assert user.email == ADA
    assert user.get_username() == str(account.uuid)
    assert not user.has_usable_password()


def test_without_an_address(corp: Provider, asked: Asked) -> None:
    account = decide(corp, profile(""))
    written = row(account)
    assert (written["email"], written["email_key"]) == ("", str(account.uuid))
    assert (written["email_confirmed_at"], written["auto_confirmed"]) == (None, False)
    assert written["user_metadata"] == said(email="")
    assert account.user.email == ""
    assert asked == []


def test_an_address_that_is_not_proven_waits_for_its_mail(
    corp: Provider, told: Told, asked: Asked
) -> None:
    with pytest.raises(DomainError) as refused:
        decide(corp, profile(verified=False), to="https://app.example.com/cb")
    assert refused.value.code == "provider_email_needs_verification"
    assert refused.value.status == 403
    assert refused.value.message == (
        "Unverified email with this provider. A confirmation email has been sent to you"
    )
    assert asked == [
        {
            "backend": corp.backend,
            "purpose": Purpose.SIGNUP,
            "email": ADA,
            "client": CLIENT,
            "redirect_to": "https://app.example.com/cb",
        }
    ]
    written = Account.objects.values().get()
    assert (written["email_confirmed_at"], written["auto_confirmed"]) == (None, False)
    assert told == []


@pytest.mark.parametrize("verified", [True, False])
def test_a_backend_that_does_not_ask_confirms_by_itself(
    corp: Provider, asked: Asked, verified: bool
) -> None:
    corp.backend.auto_confirm = True
    written = row(decide(corp, profile(verified=verified)))
    assert written["email_confirmed_at"] is not None
    assert written["auto_confirmed"] is not verified
    assert asked == []


def test_a_backend_that_takes_nobody_new(corp: Provider) -> None:
    corp.backend.signup_enabled = False
    with pytest.raises(SignupDisabled):
        decide(corp, profile())
    assert not Account.objects.exists()


def test_an_address_that_somebody_has_and_nobody_proved_is_left_out(
    corp: Provider, asked: Asked
) -> None:
    theirs = owner(corp.backend).account
    account = decide(corp, profile(verified=False))
    assert account.pk != theirs.pk
    assert (account.email, account.email_key) == ("", str(account.uuid))
    assert account.email_confirmed_at is None
    assert row(account)["user_metadata"] == said(email="")
    assert identities(account) == [("corp", "s-1", said(verified=False))]
    assert account.user.email == ""
    assert asked == []


def test_an_address_of_two_accounts_is_nobodys(corp: Provider) -> None:
    """A provider has proven two addresses, and each has an account."""
    made = {owner(corp.backend, email).account.pk for email in (KEY, "ada@home.example")}
    account = decide(corp, profile(proven=(ADA, "ada@home.example")))
    assert account.pk not in made
    assert (account.email, account.email_confirmed_at) == ("", None)


@pytest.mark.parametrize("times", [1, 2])
def test_somebody_with_that_address_at_the_same_moment_has_it_decided_again(
    corp: Provider, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    theirs, left = owner(corp.backend).account, times
    find = Account.objects.filter

    def nobody_yet(**values: Any) -> Any:
        nonlocal left
        if "email_key__in" in values and left:
            left -= 1
            return find(pk=0)
        return find(**values)

    monkeypatch.setattr(Account.objects, "filter", nobody_yet)
    if times == 1:
        assert decide(corp, profile()) == theirs
    else:
        with pytest.raises(IntegrityError):
            decide(corp, profile())
    assert Account.objects.count() == 1


def test_it_is_not_part_of_what_may_be_rolled_back(corp: Provider) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        decide(corp, profile())
