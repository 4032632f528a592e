"""Signing in by a provider: there and back, with PKCE and without."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from lingauth.models import Account, Event, Flow, Identity
from lingauth.services.backends import NewBackend
from tests.lingauth.api.people import change, stored
from tests.lingauth.api.social.people import (
    APP,
    CHALLENGE,
    Browser,
    accept,
    error_of,
    exchange,
    fragment_of,
    query_of,
    sign_in,
)
from tests.support.app import App
from tests.support.openid import OpenId

pytestmark = pytest.mark.once


def test_with_pkce_the_app_gets_a_code_and_trades_it(app: App, browser: Browser) -> None:
    user = sign_in(app, browser)
    assert user["email"] == "ada@example.com"
    assert "email_confirmed_at" in user
    assert user["app_metadata"] == {"provider": "corp", "providers": ["corp"]}
    assert user["user_metadata"]["full_name"] == "Ada"
    assert [(row["provider"], row["id"]) for row in user["identities"]] == [("corp", "subject-1")]
    assert app.session["provider_token"] == "at-1"
    assert app.session["provider_refresh_token"] == "rt-1"
    assert app.auth("GET", "user").json()["id"] == user["id"]


def test_without_pkce_the_session_is_in_the_fragment(app: App, browser: Browser) -> None:
    url = browser.sign_in()
    assert url.startswith(f"{APP}#")
    told = fragment_of(url)
    assert told["token_type"] == "bearer"
    assert told["provider_token"] == "at-1"
    assert "sb" in told
    answer = app.auth("GET", "user", token=told["access_token"])
    assert answer.json()["email"] == "ada@example.com"


def test_a_second_sign_in_is_the_same_account(app: App, browser: Browser, openid: OpenId) -> None:
    first = sign_in(app, browser)
    openid.person.email = "somebody.else@example.com"
    assert sign_in(app, browser)["id"] == first["id"]
    assert Account.objects.count() == 1


def test_it_ends_at_aal1_whatever_the_provider_says(
    app: App, browser: Browser, openid: OpenId
) -> None:
    openid.claims = {"amr": ["mfa", "otp"], "acr": "aal2"}
    sign_in(app, browser)
    assert app.auth("GET", "sessions").json()["sessions"][0]["aal"] == "aal1"


def test_an_account_with_a_factor_is_at_aal1_too(app: App, browser: Browser) -> None:
    sign_in(app, browser)
    app.reach_aal2()
    sign_in(app, browser)
    assert app.auth("GET", "sessions").json()["sessions"][0]["aal"] == "aal1"
    assert app.session["user"]["factors"][0]["status"] == "verified"


def test_the_code_works_once_and_a_second_use_ends_the_session(app: App, browser: Browser) -> None:
    code = browser.code()
    app.session = exchange(app, code).json()
    assert exchange(app, code).json()["code"] == "flow_state_not_found"
    assert app.auth("GET", "user").json()["code"] == "session_not_found"


def test_the_code_needs_its_verifier(app: App, browser: Browser) -> None:
    answer = exchange(app, browser.code(), "another-verifier-that-is-also-long-enough-for-it")
    assert answer.json()["code"] == "bad_code_verifier"


def test_a_cancelled_sign_in_is_told_to_the_app(browser: Browser, openid: OpenId) -> None:
    state = openid.consent(browser.leave())["state"]
    url = browser.come_back({"state": state, "error": "access_denied"})
    assert error_of(url) == "access_denied"
    assert query_of(url)["error"] == "access_denied"


@pytest.mark.parametrize("given", [{"error": "server_error"}, {}])
def test_an_answer_without_a_code_is_an_error(
    browser: Browser, openid: OpenId, given: dict[str, str]
) -> None:
    state = openid.consent(browser.leave())["state"]
    assert error_of(browser.come_back({"state": state, **given})) == "bad_oauth_callback"


def test_an_answer_as_a_form_comes_again_with_the_cookie(browser: Browser, openid: OpenId) -> None:
    """A browser leaves out a ``Lax`` cookie from another site's POST, and sends it with the GET."""
    given = openid.consent(browser.leave())
    other = Browser(browser.ref, openid)
    answer = other.http.post(
        f"/b/{browser.ref}/auth/v1/callback",
        urlencode({**given, "user": '{"name": "x"}', "id_token": "y"}),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 303
    assert query_of(answer.headers["Location"]) == given
    assert "access_token" in browser.come_back(query_of(answer.headers["Location"]))


def test_a_place_that_is_not_listed_gives_way_to_the_site(
    accepted: NewBackend, browser: Browser
) -> None:
    change(accepted, site_url="https://site.example.com/")
    assert browser.sign_in(redirect_to="https://evil.example/").startswith(
        "https://site.example.com/#access_token="
    )


def test_with_sign_up_off_only_those_who_are_here_get_in(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    sign_in(app, browser)
    change(accepted, signup_enabled=False)
    sign_in(app, browser)
    openid.person.sub, openid.person.email = "subject-2", "new@example.com"
    assert error_of(browser.sign_in()) == "signup_disabled"
    assert Account.objects.count() == 1


def test_a_banned_account_stays_out(app: App, browser: Browser) -> None:
    sign_in(app, browser)
    Account.objects.update(banned_until="2999-01-01T00:00:00Z")
    url = browser.sign_in()
    assert error_of(url) == "user_banned"
    failed = Event.objects.filter(kind="sign_in_failed").latest("pk")
    assert failed.data == {"reason": "user_banned", "provider": "corp"}


def test_an_account_of_one_backend_is_nobody_at_another(
    app: App, browser: Browser, openid: OpenId
) -> None:
    from tests.lingauth.api.people import app_of, create

    here = sign_in(app, browser)
    there = create("other")
    change(there, redirect_urls=[APP])
    accept(there, openid)
    other = app_of(there)
    assert sign_in(other, Browser("other", openid))["id"] != here["id"]
    assert Identity.objects.count() == 2


def test_nothing_of_the_provider_is_stored_that_could_be_used(
    app: App, browser: Browser, openid: OpenId
) -> None:
    url = browser.leave(**CHALLENGE)
    rows = repr(stored())
    assert query_of(url)["nonce"] not in rows
    assert query_of(url)["state"].partition(".")[2] not in rows
    code = query_of(browser.come_back(openid.consent(url)))["code"]
    rows = repr(stored()) + json.dumps(list(Event.objects.values_list("data", flat=True)))
    for secret in ("at-1", "rt-1", "the-secret-of-client-1", code):
        assert f"'{secret}'" not in rows
        assert f'"{secret}"' not in rows
        assert secret.encode().hex() not in rows
    assert exchange(app, code).status_code == 200
    assert Flow.objects.get().private is None


def test_the_events_of_a_first_sign_in(app: App, browser: Browser) -> None:
    sign_in(app, browser)
    kinds: list[Any] = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["signed_up", "signed_in"]
