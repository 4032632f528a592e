"""Whose account a provider's answer leads to: the subject decides, an address alone never does."""

from __future__ import annotations

import pytest
from django.core import mail

from lingauth.models import Account, Event, Identity, Session
from lingauth.services.backends import NewBackend
from tests.lingauth.api.people import change
from tests.lingauth.api.social.people import (
    ADA,
    Browser,
    accept,
    error_of,
    sign_in,
    sign_up,
    with_password,
)
from tests.support.app import App
from tests.support.openid import OpenId

pytestmark = pytest.mark.once


def confirm(email: str = ADA) -> None:
    """As if the owner had opened the mail."""
    Account.objects.filter(email=email).update(email_confirmed_at="2026-01-01T00:00:00Z")


def test_a_proven_address_leads_to_the_account_whose_owner_has_proven_it(
    app: App, browser: Browser
) -> None:
    sign_up(app)
    confirm()
    user = sign_in(app, browser)
    assert [row["provider"] for row in user["identities"]] == ["email", "corp"]
    assert user["app_metadata"] == {"provider": "email", "providers": ["email", "corp"]}
    assert with_password(app).status_code == 200
    assert Event.objects.filter(kind="identity_linked").count() == 1


def test_its_owner_is_told(app: App, browser: Browser) -> None:
    sign_up(app)
    confirm()
    mail.outbox.clear()
    sign_in(app, browser)
    [letter] = mail.outbox
    assert letter.to == [ADA]
    assert "Corp was added" in letter.body


@pytest.mark.parametrize("verified", [False, None, "yes", 1, "True"])
def test_an_address_that_is_not_proven_leads_to_nobodys_account(
    app: App, browser: Browser, openid: OpenId, verified: object
) -> None:
    sign_up(app)
    confirm()
    victim = Account.objects.get()
    openid.person.verified = verified
    user = sign_in(app, browser)
    assert user["id"] != str(victim.uuid)
    assert user["email"] == ""
    assert "email" not in user["user_metadata"]
    assert Identity.objects.filter(account=victim).count() == 1


def test_an_address_of_a_provider_that_is_not_trusted_leads_to_nobodys_account(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    accept(accepted, openid, trusts_email=False)
    sign_up(app)
    confirm()
    assert sign_in(app, browser)["email"] == ""


def test_a_name_that_looks_like_an_address_leads_to_nobodys_account(
    app: App, browser: Browser, openid: OpenId
) -> None:
    sign_up(app)
    confirm()
    openid.person.email = None
    openid.claims = {"preferred_username": ADA, "upn": ADA, "email_verified": True}
    assert sign_in(app, browser)["email"] == ""


def test_the_same_subject_of_another_provider_is_somebody_else(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    first = sign_in(app, browser)
    accept(accepted, openid, "second")
    openid.person.email = "other@example.com"
    assert sign_in(app, browser, "second")["id"] != first["id"]


def test_the_same_subject_of_another_issuer_is_refused(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    """The provider was removed, and another came under its name."""
    sign_in(app, browser)
    Identity.objects.update(data={"iss": "https://the-one-before.example"})
    assert error_of(browser.sign_in()) == "bad_oauth_callback"


def test_an_identity_that_was_brought_along_gets_its_issuer_at_its_first_sign_in(
    app: App, browser: Browser, openid: OpenId
) -> None:
    first = sign_in(app, browser)
    Identity.objects.update(data={})
    assert sign_in(app, browser)["id"] == first["id"]
    assert Identity.objects.get().data["iss"] == openid.base


def test_another_subject_with_the_same_address_does_not_take_the_account_over(
    app: App, browser: Browser, openid: OpenId
) -> None:
    """The provider gave the address to somebody else."""
    sign_in(app, browser)
    openid.person.sub = "subject-2"
    assert error_of(browser.sign_in()) == "identity_already_exists"
    assert Identity.objects.count() == 1


def test_an_unproven_new_address_waits_for_its_mail(
    app: App, browser: Browser, openid: OpenId
) -> None:
    openid.person.verified = False
    assert error_of(browser.sign_in()) == "provider_email_needs_verification"
    [letter] = mail.outbox
    assert letter.to == [ADA]
    assert not Session.objects.exists()
    token = str(letter.body).partition("token=")[2].partition("&")[0]
    body = {"type": "signup", "token_hash": token}
    assert app.auth("POST", "verify", body, anonymous=True).status_code == 200
    assert sign_in(app, browser)["email"] == ADA


def test_an_unproven_address_is_taken_where_none_are_confirmed(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    change(accepted, auto_confirm=True)
    openid.person.verified = False
    assert sign_in(app, browser)["email"] == ADA
    assert Account.objects.get().auto_confirmed


def test_without_an_address_the_account_has_none(
    app: App, browser: Browser, openid: OpenId
) -> None:
    openid.person.email = None
    user = sign_in(app, browser)
    assert user["email"] == ""
    assert "email_confirmed_at" not in user
    assert not user["is_anonymous"]


def test_what_is_no_address_is_none(app: App, browser: Browser, openid: OpenId) -> None:
    openid.person.email = "ada@example.com,mallory@example.com"
    assert sign_in(app, browser)["email"] == ""


def test_github_is_asked_who_it_is(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    accept(accepted, openid, "github")
    user = sign_in(app, browser, "github")
    assert user["email"] == ADA
    assert user["identities"][0]["id"] == "4711"
    assert user["user_metadata"]["user_name"] == "ada"
    openid.person.email = "renamed@example.com"
    assert sign_in(app, browser, "github")["id"] == user["id"]


def test_an_unproven_address_at_github_leads_to_nobodys_account(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    accept(accepted, openid, "github")
    sign_up(app)
    confirm()
    openid.person.verified = False
    assert sign_in(app, browser, "github")["email"] == ""
