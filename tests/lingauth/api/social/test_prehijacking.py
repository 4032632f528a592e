"""Pre-hijacking (USENIX Security 2022): somebody was here before the owner of the address."""

from __future__ import annotations

import pytest
from django.core import mail

from lingauth.models import Account, Session, TotpFactor
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


def test_an_account_that_nobody_confirmed_loses_what_was_set_up_there(
    app: App, browser: Browser
) -> None:
    sign_up(app, password="the attacker knows this one")
    Account.objects.update(
        user_metadata={"name": "Mallory"}, new_email="mallory@example.com", app_metadata={}
    )
    account = Account.objects.get()
    TotpFactor.objects.create(account=account, user=account.user, name="x", confirmed=True)
    Session.objects.create(
        backend=account.backend, account=account, expires_at="2999-01-01T00:00:00Z"
    )
    user = sign_in(app, browser)
    assert user["id"] == str(account.uuid)
    assert [row["provider"] for row in user["identities"]] == ["corp"]
    assert user["app_metadata"] == {"provider": "corp", "providers": ["corp"]}
    assert user["user_metadata"]["name"] == "Ada"
    assert "factors" not in user
    assert "new_email" not in user
    assert "email_confirmed_at" in user
    assert with_password(app, password="the attacker knows this one").status_code == 400
    assert Session.objects.filter(ended_at=None).count() == 1


def test_the_confirmation_mail_of_before_no_longer_works(app: App, browser: Browser) -> None:
    sign_up(app)
    [letter] = mail.outbox
    sign_in(app, browser)
    token = str(letter.body).partition("token=")[2].partition("&")[0]
    answer = app.auth("POST", "verify", {"type": "signup", "token_hash": token}, anonymous=True)
    assert answer.json()["code"] == "otp_expired"


def test_an_identity_of_another_provider_that_came_first_is_gone(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    accept(accepted, openid, "careless")
    openid.person.sub, openid.person.verified = "mallory", False
    assert error_of(browser.sign_in("careless")) == "provider_email_needs_verification"
    openid.person.sub, openid.person.verified = "ada", True
    user = sign_in(app, browser)
    assert [row["id"] for row in user["identities"]] == ["ada"]
    openid.person.sub, openid.person.verified = "mallory", False
    assert sign_in(app, browser, "careless")["id"] != user["id"]


def test_where_addresses_are_not_confirmed_an_account_is_cleaned_too(
    accepted: NewBackend, app: App, browser: Browser
) -> None:
    change(accepted, auto_confirm=True)
    app.sign_up(ADA)
    theirs = app.session["access_token"]
    sign_in(app, browser)
    assert app.auth("GET", "user", token=theirs).json()["code"] == "session_not_found"
    assert with_password(app).status_code == 400


def test_where_addresses_are_not_confirmed_a_factor_is_never_swept_aside(
    accepted: NewBackend, app: App, browser: Browser
) -> None:
    change(accepted, auto_confirm=True)
    app.sign_up(ADA)
    app.reach_aal2()
    assert error_of(browser.sign_in()) == "email_exists"
    assert TotpFactor.objects.filter(confirmed=True).count() == 1
    assert with_password(app).status_code == 200


def test_whoever_has_redeemed_a_mail_has_proven_the_address(
    accepted: NewBackend, app: App, browser: Browser
) -> None:
    change(accepted, auto_confirm=True)
    app.sign_up(ADA)
    app.auth("POST", "otp", {"email": ADA}, anonymous=True)
    token = str(mail.outbox[-1].body).partition("token=")[2].partition("&")[0]
    body = {"type": "magiclink", "token_hash": token}
    assert app.auth("POST", "verify", body, anonymous=True).status_code == 200
    sign_in(app, browser)
    assert with_password(app).status_code == 200
