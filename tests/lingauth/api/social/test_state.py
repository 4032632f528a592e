"""The state of a flow: bound to its browser, used once, for ten minutes, at one backend."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingauth.models import Account, Flow
from lingauth.services.backends import NewBackend
from tests.lingauth.api.people import change, create, frozen
from tests.lingauth.api.social.people import APP, Browser, accept, query_of
from tests.support.openid import OpenId

pytestmark = pytest.mark.once


def stray(url: str) -> None:
    """The browser is sent to our own page, where the backend has no site, with the error alone."""
    assert url.startswith("http://127.0.0.1:8000/b/"), url
    assert "/signed-in?" in url
    assert query_of(url) == {"error_code": "bad_oauth_state"}
    assert not Account.objects.exists()


def test_a_backends_own_site_is_told_in_the_contracts_words(
    accepted: NewBackend, browser: Browser
) -> None:
    change(accepted, site_url="https://app.example.com")
    url = browser.come_back({"state": "nonsense", "code": "x"})
    assert url.startswith("https://app.example.com?")
    told = query_of(url)
    assert told.pop("error_description")
    assert told == {"error": "invalid_request", "error_code": "bad_oauth_state"}


def test_in_another_browser_it_is_refused_and_left_as_it_is(
    browser: Browser, openid: OpenId
) -> None:
    given = openid.consent(browser.leave())
    stray(Browser(browser.ref, openid).come_back(given))
    assert "access_token" in browser.come_back(given)


def test_in_a_browser_with_a_flow_of_its_own_it_is_refused(
    browser: Browser, openid: OpenId
) -> None:
    """Login CSRF: somebody else's answer does not sign this browser in."""
    theirs = openid.consent(browser.leave())
    victim = Browser(browser.ref, openid)
    victim.leave()
    stray(victim.come_back(theirs))


@pytest.mark.parametrize(
    "state", [None, "", "x", "00000000-0000-4000-8000-000000000000." + "a" * 22, "\x00", "-" * 36]
)
def test_a_missing_or_unknown_state_is_refused(
    browser: Browser, openid: OpenId, state: str | None
) -> None:
    given = openid.consent(browser.leave())
    del given["state"]
    stray(browser.come_back(given if state is None else {**given, "state": state}))


def test_a_state_with_another_secret_is_refused(browser: Browser, openid: OpenId) -> None:
    given = openid.consent(browser.leave())
    given["state"] = given["state"].partition(".")[0] + "." + "a" * 22
    stray(browser.come_back(given))


def test_it_works_once(browser: Browser, openid: OpenId) -> None:
    given = openid.consent(browser.leave())
    assert "access_token" in browser.come_back(given)
    answer = browser.get("callback", **given)
    assert answer.status_code == 303
    assert query_of(answer.headers["Location"])["error_code"] == "bad_oauth_state"


def test_it_is_spent_by_a_failure_too(browser: Browser, openid: OpenId) -> None:
    given = openid.consent(browser.leave())
    browser.come_back({**given, "code": "wrong"})
    stray(browser.come_back(given))


def test_it_lasts_ten_minutes(browser: Browser, openid: OpenId) -> None:
    with frozen() as moved:
        early = openid.consent(browser.leave())
        late = openid.consent(browser.leave())
        moved.shift(timedelta(minutes=10) - timedelta(seconds=1))
        assert "access_token" in browser.come_back(early)
        moved.shift(timedelta(seconds=1))
        assert "bad_oauth_state" in browser.come_back(late)


def test_at_another_backend_it_is_refused(browser: Browser, openid: OpenId) -> None:
    made = create("other")
    change(made, redirect_urls=[APP])
    accept(made, openid)
    given = openid.consent(browser.leave())
    there = Browser("other", openid, http=browser.http)
    there.leave()
    stray(there.come_back(given))


def test_two_tabs_of_one_browser_both_end_well(browser: Browser, openid: OpenId) -> None:
    first, second = openid.consent(browser.leave()), openid.consent(browser.leave())
    assert "access_token" in browser.come_back(second)
    assert "access_token" in browser.come_back(first)


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    accepted: NewBackend, browser: Browser, settings: object
) -> None:
    browser.leave()
    morsel = browser.http.cookies["lingauth-flow-acme"]
    assert morsel["httponly"]
    assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", "")
    assert morsel["max-age"] == 15 * 60
    assert morsel.value not in repr(list(Flow.objects.values()))


def test_with_tls_the_cookie_is_of_this_host_alone(
    accepted: NewBackend, openid: OpenId, settings: object
) -> None:
    from django.test import override_settings

    values = {"SITE_URL": "https://auth.example.com", "PROVIDER_PRIVATE_NETWORKS": True}
    with override_settings(LINGAUTH=values):
        browser = Browser(accepted.backend.ref, openid)
        browser.leave()
        assert browser.http.cookies["__Host-lingauth-flow-acme"]["secure"]
