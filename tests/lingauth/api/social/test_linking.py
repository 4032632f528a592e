"""Adding identities to one's own account, and taking them away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from lingauth.core import clock
from lingauth.models import Event, Identity
from lingauth.services.backends import NewBackend
from tests.lingauth.api.contract import refused
from tests.lingauth.api.people import UNKNOWN, change
from tests.lingauth.api.social.people import (
    BOB,
    CHALLENGE,
    Browser,
    age,
    begin_link,
    error_of,
    exchange,
    follow,
    fragment_of,
    link,
    query_of,
    sign_in,
)
from tests.support.app import App
from tests.support.openid import OpenId

pytestmark = pytest.mark.once


def providers_of(app: App) -> list[str]:
    return [row["provider"] for row in app.auth("GET", "user").json()["identities"]]


def test_an_identity_is_added_when_the_app_spends_the_code(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    mail.outbox.clear()
    url = begin_link(bob, **CHALLENGE).json()["url"]
    code = query_of(follow(browser, openid, url))["code"]
    assert providers_of(bob) == ["email"]
    answer = exchange(bob, code)
    assert answer.json()["user"]["app_metadata"]["providers"] == ["email", "corp"]
    assert answer.json()["user"]["email"] == BOB
    assert answer.json()["provider_token"] == "at-1"
    assert [letter.to for letter in mail.outbox] == [[BOB]]
    assert Event.objects.filter(kind="identity_linked").count() == 1
    assert sign_in(bob, browser)["email"] == BOB


def test_a_flow_that_somebody_else_is_lured_into_adds_nothing(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    """The attacker begins for their own account and sends the victim the address. The victim's app
    gets the code and has no verifier; the attacker has the verifier and no code."""
    url = begin_link(bob, **CHALLENGE).json()["url"]
    code = query_of(follow(browser, openid, url))["code"]
    assert exchange(bob, code, "another-verifier-that-is-long-enough-0123456789").status_code == 400
    assert providers_of(bob) == ["email"]


def test_without_pkce_a_person_is_asked_first(bob: App, browser: Browser) -> None:
    url = begin_link(bob).json()["url"]
    answer = browser.http.get(url)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://127.0.0.1:8000/b/acme/connect?ticket=")
    assert not browser.http.cookies


def test_whoever_agrees_on_the_page_goes_on_and_is_linked(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    url = begin_link(bob).json()["url"]
    page = browser.http.get(browser.http.get(url).headers["Location"])
    assert "b•••@example.com" in page.content.decode()
    ticket = query_of(url)["ticket"]
    answer = browser.http.post("/b/acme/connect", {"ticket": ticket})
    assert answer.status_code == 303
    back = browser.come_back(openid.consent(answer.headers["Location"]))
    told = bob.auth("GET", "user", token=fragment_of(back)["access_token"]).json()
    assert told["app_metadata"]["providers"] == ["email", "corp"]


def test_the_address_is_for_one_browser(bob: App, browser: Browser, openid: OpenId) -> None:
    url = begin_link(bob, **CHALLENGE).json()["url"]
    assert browser.http.get(url).status_code == 302
    assert browser.http.get(url).status_code == 302
    other = Browser(browser.ref, openid).http.get(url)
    refused(other, 404, "flow_state_not_found")


@pytest.mark.parametrize("ticket", ["", "x", f"{UNKNOWN}.{'a' * 22}"])
def test_an_address_that_was_made_up_leads_nowhere(browser: Browser, ticket: str) -> None:
    refused(browser.get("authorize", ticket=ticket), 404, "flow_state_not_found")


def test_a_flow_that_only_signs_in_is_no_ticket(browser: Browser) -> None:
    state = query_of(browser.leave())["state"]
    refused(browser.get("authorize", ticket=state), 404, "flow_state_not_found")


def test_an_identity_that_somebody_has_stays_theirs(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    ada = App(bob.ref, bob.anon_key)
    sign_in(ada, browser)
    url = begin_link(bob, **CHALLENGE).json()["url"]
    assert error_of(follow(browser, openid, url)) == "identity_already_exists"
    assert providers_of(bob) == ["email"]


def test_an_identity_that_somebody_got_meanwhile_stays_theirs(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    url = begin_link(bob, **CHALLENGE).json()["url"]
    code = query_of(follow(browser, openid, url))["code"]
    sign_in(App(bob.ref, bob.anon_key), browser)
    refused(exchange(bob, code), 422, "identity_already_exists")
    assert providers_of(bob) == ["email"]


def test_it_asks_for_a_recent_sign_in(bob: App) -> None:
    age(bob)
    refused(begin_link(bob), 400, "reauthentication_needed")


def test_it_asks_an_account_with_a_factor_for_a_recent_code(bob: App) -> None:
    bob.reach_aal2()
    assert begin_link(bob).status_code == 200
    age(bob, verified_at=clock.now() - timedelta(minutes=11))
    refused(begin_link(bob), 403, "insufficient_aal")
    age(bob, verified_at=None)
    refused(begin_link(bob), 403, "insufficient_aal")


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"created_at": clock.now() - timedelta(hours=1)}, "reauthentication_needed"),
        ({"ended_at": clock.now()}, "session_not_found"),
    ],
)
def test_whoever_began_has_to_be_there_and_recent_until_the_end(
    bob: App, browser: Browser, openid: OpenId, columns: dict[str, Any], code: str
) -> None:
    before = begin_link(bob, **CHALLENGE).json()["url"]
    after = query_of(follow(browser, openid, begin_link(bob, **CHALLENGE).json()["url"]))["code"]
    age(bob, **columns)
    assert error_of(follow(browser, openid, before)) == code
    assert exchange(bob, after).json()["code"] == code
    assert Identity.objects.count() == 1


def test_where_it_is_off_nothing_is_added_or_taken_away(
    accepted: NewBackend, bob: App, browser: Browser, openid: OpenId
) -> None:
    assert link(bob, browser, openid).status_code == 200
    change(accepted, manual_linking_enabled=False)
    refused(begin_link(bob), 404, "manual_linking_disabled")
    row = Identity.objects.get(provider="corp")
    answer = bob.auth("DELETE", f"user/identities/{row.uuid}")
    refused(answer, 404, "manual_linking_disabled")


def test_an_id_token_adds_an_identity_too(bob: App, openid: OpenId) -> None:
    body = {"provider": "corp", "id_token": openid.id_token(), "link_identity": True}
    answer = bob.auth("POST", "token?grant_type=id_token", body)
    assert answer.status_code == 200, answer.content
    assert providers_of(bob) == ["email", "corp"]


def test_an_id_token_adds_nothing_for_nobody(
    accepted: NewBackend, app: App, openid: OpenId
) -> None:
    body = {"provider": "corp", "id_token": openid.id_token(), "link_identity": True}
    answer = app.auth("POST", "token?grant_type=id_token", body, anonymous=True)
    refused(answer, 401, "no_authorization")


def test_somebody_anonymous_becomes_somebody(
    accepted: NewBackend, app: App, browser: Browser, openid: OpenId
) -> None:
    change(accepted, anonymous_enabled=True)
    app.keep(app.auth("POST", "signup", {"data": {"cart": 1}}, anonymous=True))
    before = app.session["user"]["id"]
    user = link(app, browser, openid).json()["user"]
    assert user["id"] == before
    assert not user["is_anonymous"]
    assert user["email"] == "ada@example.com"
    assert user["user_metadata"]["cart"] == 1
    assert Event.objects.filter(kind="account_converted").count() == 1


def test_somebody_anonymous_does_not_get_an_address_that_another_has(
    accepted: NewBackend, bob: App, browser: Browser, openid: OpenId
) -> None:
    change(accepted, anonymous_enabled=True)
    openid.person.email = BOB
    app = App(bob.ref, bob.anon_key)
    app.keep(app.auth("POST", "signup", {}, anonymous=True))
    assert link(app, browser, openid).json()["user"]["email"] == ""
