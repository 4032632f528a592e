"""Setting out for a provider: what it is sent, and what is refused."""

from __future__ import annotations

import pytest

from lingauth.models import Flow
from lingauth.services.backends import NewBackend
from lingauth.services.social import discovery
from tests.lingauth.api.social.people import (
    CHALLENGE,
    Browser,
    accept,
    error_of,
    query_of,
)
from tests.support.openid import OpenId, send

pytestmark = pytest.mark.once


def test_what_goes_to_the_provider(accepted: NewBackend, browser: Browser) -> None:
    url = browser.leave(
        scopes="calendar",
        prompt="login",
        login_hint="ada@example.com",
        client_id="evil",
        redirect_uri="https://evil.example/",
        response_mode="fragment",
        state="mine",
        nonce="mine",
        request_uri="https://evil.example/r",
        **CHALLENGE,
    )
    sent = query_of(url)
    assert sent["scope"] == "openid email profile calendar"
    assert (sent["prompt"], sent["login_hint"]) == ("login", "ada@example.com")
    assert sent["redirect_uri"] == f"http://127.0.0.1:8000/b/{browser.ref}/auth/v1/callback"
    assert sent["code_challenge"] != CHALLENGE["code_challenge"]
    assert "mine" not in (sent["state"], sent["nonce"])
    assert not {"request_uri", "response_mode", "provider", "redirect_to", "scopes"} & sent.keys()


@pytest.mark.parametrize(
    "query",
    [
        {"provider": "nobody"},
        {"provider": "google"},
        {"provider": ""},
        {"provider": "a\x00"},
        {"provider": "corp", "code_challenge": "x" * 43},
        {"provider": "corp", "scopes": "a\nb"},
        {"provider": "corp", "long": "x" * 600},
    ],
)
def test_a_request_that_is_refused(browser: Browser, query: dict[str, str]) -> None:
    answer = browser.get("authorize", **query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_failed"
    assert not Flow.objects.exists()


def test_a_name_of_no_provider_is_not_said_back(browser: Browser) -> None:
    """Whatever somebody has put there by mistake (INV-10)."""
    answer = browser.get("authorize", provider="canary-of-a-code")
    assert answer.json()["message"] == "Unsupported provider: provider could not be found"


def test_a_disabled_provider_is_refused_at_both_ends(
    accepted: NewBackend, browser: Browser, openid: OpenId
) -> None:
    given = openid.consent(browser.leave())
    accept(accepted, openid, is_enabled=False)
    answer = browser.get("authorize", provider="corp")
    assert answer.json()["message"] == "Unsupported provider: provider is not enabled"
    assert error_of(browser.come_back(given)) == "validation_failed"


def test_the_pages_of_a_flow_are_for_no_script_and_no_frame(browser: Browser) -> None:
    for answer in (
        browser.get("authorize", provider="corp"),
        browser.get("authorize", provider="nobody"),
        browser.get("callback"),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert browser.http.head(f"/b/{browser.ref}/auth/v1/authorize").status_code == 405


def test_a_provider_in_trouble_is_told_to_the_app_and_left_alone_for_a_while(
    browser: Browser, openid: OpenId, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/.well-known/openid-configuration"
    openid.answers[path] = lambda handler: send(handler, {}, 500)
    for _ in range(3):
        assert error_of(browser.leave()) == "unavailable"
    assert openid.asked.count(path) == 1
    monkeypatch.setattr(discovery, "PAUSE", 0.0)
    del openid.answers[path]
    assert "access_token" in browser.sign_in()


def test_a_provider_that_names_another_issuer_is_not_used(browser: Browser, openid: OpenId) -> None:
    openid.more = {"issuer": "https://evil.example"}
    assert error_of(browser.leave()) == "unavailable"
