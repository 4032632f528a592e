"""Adding identities to one's own account, and taking them away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from lingauth.core import clock
from lingauth.models import Account, Event, Identity, Session
from lingauth.services.backends import NewBackend
from tests.lingauth.api.contract import refused
from tests.lingauth.api.people import UNKNOWN, change
from tests.lingauth.api.social.people import (
    CHALLENGE,
    Browser,
    begin_link,
    error_of,
    exchange,
    fragment_of,
    query_of,
    sign_in,
)
from tests.support.app import App
from tests.support.openid import OpenId

pytestmark = pytest.mark.once

BOB = "bob@example.com"


@pytest.fixture
def bob(accepted: NewBackend, app: App) -> App:
    """Signed up by password, with another address than the provider knows."""
    change(accepted, auto_confirm=True)
    app.sign_up(BOB)
    return app


def age(app: App, **columns: Any) -> None:
    """The session began, or was verified, eleven minutes ago."""
    long_ago = clock.now() - timedelta(minutes=11)
    Session.objects.filter(ended_at=None).update(**(columns or {"created_at": long_ago}))


def go(browser: Browser, openid: OpenId, url: str) -> str:
    """Follow the address that the app was given, to the provider and back."""
    answer = browser.http.get(url)
    assert answer.status_code == 302, (answer.status_code, answer.content, answer.headers)
    return browser.come_back(openid.consent(answer.headers["Location"]))


def link(app: App, browser: Browser, openid: OpenId) -> Any:
    """The whole way, with PKCE."""
    begun = begin_link(app, **CHALLENGE)
    assert begun.status_code == 200, begun.content
    return exchange(app, query_of(go(browser, openid, begun.json()["url"]))["code"])


def providers_of(app: App) -> list[str]:
    return [row["provider"] for row in app.auth("GET", "user").json()["identities"]]


def test_an_identity_is_added_when_the_app_spends_the_code(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    mail.outbox.clear()
    url = begin_link(bob, **CHALLENGE).json()["url"]
    code = query_of(go(browser, openid, url))["code"]
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
    code = query_of(go(browser, openid, url))["code"]
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
    assert error_of(go(browser, openid, url)) == "identity_already_exists"
    assert providers_of(bob) == ["email"]


def test_an_identity_that_somebody_got_meanwhile_stays_theirs(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    url = begin_link(bob, **CHALLENGE).json()["url"]
    code = query_of(go(browser, openid, url))["code"]
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
    after = query_of(go(browser, openid, begin_link(bob, **CHALLENGE).json()["url"]))["code"]
    age(bob, **columns)
    assert error_of(go(browser, openid, before)) == code
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


def test_an_identity_is_taken_away(bob: App, browser: Browser, openid: OpenId) -> None:
    bob.session = link(bob, browser, openid).json()
    mail.outbox.clear()
    row = Identity.objects.get(provider="corp")
    answer = bob.auth("DELETE", f"user/identities/{row.uuid}")
    assert (answer.status_code, answer.json()) == (200, {})
    user = bob.auth("GET", "user").json()
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert [letter.to for letter in mail.outbox] == [[BOB]]
    assert Event.objects.filter(kind="identity_unlinked").get().data == {"provider": "corp"}
    other = App(bob.ref, bob.anon_key)
    assert sign_in(other, browser)["id"] != user["id"]


def test_with_the_identity_of_the_address_goes_the_password(
    bob: App, browser: Browser, openid: OpenId
) -> None:
    bob.session = link(bob, browser, openid).json()
    row = Identity.objects.get(provider="email")
    assert bob.auth("DELETE", f"user/identities/{row.uuid}").status_code == 200
    body = {"email": BOB, "password": "correct horse battery"}
    answer = bob.auth("POST", "token?grant_type=password", body, anonymous=True)
    refused(answer, 400, "invalid_credentials")
    user = bob.auth("GET", "user").json()
    assert user["app_metadata"] == {"provider": "corp", "providers": ["corp"]}
    assert Session.objects.filter(ended_at=None).count() == 1


def test_the_last_identity_stays(bob: App) -> None:
    row = Identity.objects.get()
    answer = bob.auth("DELETE", f"user/identities/{row.uuid}")
    refused(answer, 422, "single_identity_not_deletable")


def test_somebody_elses_identity_is_none(bob: App, browser: Browser) -> None:
    sign_in(App(bob.ref, bob.anon_key), browser)
    row = Identity.objects.get(provider="corp")
    refused(bob.auth("DELETE", f"user/identities/{row.uuid}"), 422, "identity_not_found")
    refused(bob.auth("DELETE", f"user/identities/{UNKNOWN}"), 422, "identity_not_found")
    refused(bob.auth("DELETE", "user/identities/x"), 404, "validation_failed")
    assert Identity.objects.filter(pk=row.pk).exists()


def test_taking_away_asks_for_a_recent_proof(bob: App, browser: Browser, openid: OpenId) -> None:
    bob.session = link(bob, browser, openid).json()
    row = Identity.objects.get(provider="corp")
    age(bob)
    refused(bob.auth("DELETE", f"user/identities/{row.uuid}"), 400, "reauthentication_needed")
    age(bob, created_at=clock.now())
    bob.reach_aal2()
    age(bob, verified_at=None)
    refused(bob.auth("DELETE", f"user/identities/{row.uuid}"), 403, "insufficient_aal")
    assert Account.objects.get(email=BOB).identities.count() == 2
