"""Setting out for a provider: what is written of it, and what the provider is sent."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from lingauth.core import clock
from lingauth.core.errors import ReauthenticationNeeded, Unavailable, ValidationFailed
from lingauth.core.pkce import s256
from lingauth.models import Flow, Provider
from lingauth.services import flows
from lingauth.services.backends import base_url
from lingauth.services.social import authorize, discovery, github
from lingauth.services.social.calls import ProviderTrouble
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import ISSUER, owner
from tests.lingauth.services.social.returning import APP, VERIFIER, Corp

pytestmark = pytest.mark.django_db

ORIGINAL = authorize.configuration


def sent_by(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def test_what_is_written_of_it(there: Corp) -> None:
    made = there.set_out(browser_digest="d" * 64)
    kept: dict[str, Any] = dict(Flow.objects.filter(pk=made.pk).values().get())
    now = clock.now()
    private = bytes(kept.pop("private"))
    assert kept == {
        "id": made.pk,
        "backend_id": there.backend.pk,
        "provider": "corp",
        "challenge": s256(VERIFIER),
        "challenge_method": "s256",
        "redirect_to": APP,
        "created_at": now,
        "expires_at": now + timedelta(minutes=10),
        "link_to_id": None,
        "link_session_id": None,
        "browser_digest": "d" * 64,
        "answered_at": None,
        "account_id": None,
        "method": "",
        "code_digest": None,
        "code_expires_at": None,
        "used_at": None,
        "session_id": None,
    }
    values = flows.unseal(made)
    assert set(values) == {"state", "verifier", "nonce", "scope", "extras"}
    assert (values["scope"], values["extras"]) == ("openid email profile", {})
    assert re.fullmatch(r"[\w-]{22}", values["state"])
    assert re.fullmatch(r"[\w-]{43,128}", values["verifier"])
    assert re.fullmatch(r"[\w-]{32}", values["nonce"])
    assert values["state"].encode() not in private


def test_without_pkce_and_without_a_browser(there: Corp) -> None:
    made = there.set_out(pkce=None)
    assert (made.challenge, made.challenge_method, made.browser_digest) == ("", "", "")


def test_no_two_share_a_secret(there: Corp) -> None:
    one, two = flows.unseal(there.set_out()), flows.unseal(there.set_out())
    assert [name for name in one if one[name] == two[name]] == ["scope", "extras"]


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("", "openid email profile"),
        ("email groups", "openid email profile groups"),
        ("groups groups", "openid email profile groups"),
        ("x" * 300, "openid email profile " + "x" * 300),
    ],
    ids=["none", "some", "twice", "long"],
)
def test_scopes_are_the_providers_and_the_apps_each_once(
    there: Corp, asked: str, sent: str
) -> None:
    assert flows.unseal(there.set_out(scopes=asked))["scope"] == sent


@pytest.mark.parametrize(
    "scopes", ["x" * 301, " a", "a ", "a  b", "a\nb", 'a"', "a\\", "é", "\x7f"]
)
def test_scopes_that_are_none(there: Corp, scopes: str) -> None:
    with pytest.raises(ValidationFailed, match=r"^scopes are names with a space between\.$"):
        there.set_out(scopes=scopes)
    assert not Flow.objects.exists()


def test_for_an_account_it_says_whose(there: Corp, moved: Clock) -> None:
    bob = owner(there.backend)
    made = there.set_out(link_to=bob.me())
    assert (made.link_to, made.link_session_id) == (bob.account, bob.session.pk)
    moved.shift(601)
    with pytest.raises(ReauthenticationNeeded):
        there.set_out(link_to=bob.me())
    assert Flow.objects.count() == 1


def test_a_provider_that_cannot_be_asked_begins_nothing(
    there: Corp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "lingauth.social")

    def trouble(provider: Provider) -> Any:
        raise ProviderTrouble("it took too long")

    monkeypatch.setattr(authorize, "configuration", ORIGINAL)
    monkeypatch.setattr(discovery, "configuration", trouble)
    with pytest.raises(Unavailable) as refused:
        there.set_out()
    assert refused.value.message == "The Corp cannot be reached at the moment."
    assert (refused.value.status, refused.value.retry_after) == (503, 1)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("lingauth.social", "Provider corp of acme: it took too long")
    ]
    assert not Flow.objects.exists()


def test_how_to_speak_to_it(corp: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "configuration", lambda provider: ("openid", provider))
    monkeypatch.setattr(github, "configuration", lambda provider: ("github", provider))
    assert authorize.configuration(corp) == ("openid", corp)  # type: ignore[comparison-overlap]  # a stand-in
    corp.kind = "github"
    assert authorize.configuration(corp) == ("github", corp)  # type: ignore[comparison-overlap]  # a stand-in


def test_what_the_provider_is_sent(there: Corp) -> None:
    flow = there.set_out(scopes="groups", extras={"prompt": "login", "code_challenge": "mine"})
    url = authorize.departure(flow, there.provider)
    assert url.startswith(f"{ISSUER}/authorize?x=1&")
    private = flows.unseal(flow)
    assert sent_by(url) == {
        "x": "1",
        "response_type": "code",
        "client_id": "client-1",
        "redirect_uri": f"{base_url(there.backend)}/auth/v1/callback",
        "scope": "openid email profile groups",
        "state": f"{flow.pk}.{private['state']}",
        "prompt": "login",
        "code_challenge": s256(private["verifier"]),
        "code_challenge_method": "S256",
        "nonce": private["nonce"],
    }


def test_github_is_sent_no_nonce_and_apple_answers_by_a_form(there: Corp) -> None:
    flow = there.set_out()
    there.provider.kind = "github"
    assert "nonce" not in sent_by(authorize.departure(flow, there.provider))
    there.provider.kind, there.provider.name = "oidc", "apple"
    sent = sent_by(authorize.departure(flow, there.provider))
    assert sent["response_mode"] == "form_post"
    assert "nonce" in sent


@pytest.mark.parametrize(
    "name",
    [
        # said to us
        "provider", "redirect_to", "scopes", "code_challenge", "code_challenge_method",
        "code_challenge_methods", "invite_token", "flow_type", "skip_http_redirect", "apikey",
        "ticket",
        # said by us
        "client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "state",
        "scope", "nonce", "request", "request_uri", "registration", "code_verifier",
    ],
)  # fmt: skip
def test_parameters_that_an_app_cannot_say_to_the_provider(name: str) -> None:
    assert authorize.extras_of({name: "x", "prompt": "login", "hd": ""}) == {
        "prompt": "login",
        "hd": "",
    }


@pytest.mark.parametrize(
    ("extras", "good"),
    [
        ({f"p{n}": "" for n in range(20)}, True),
        ({f"p{n}": "" for n in range(21)}, False),
        ({"p": "x" * 499}, True),
        ({"p": "x" * 500}, False),
        ({"p": "a\x00"}, False),
        ({"p\x00": "a"}, False),
    ],
    ids=["20", "21", "500 letters", "501 letters", "nul", "nul in a name"],
)
def test_not_too_many_and_not_too_long(extras: dict[str, str], good: bool) -> None:
    if good:
        assert authorize.extras_of(extras) == extras
    else:
        with pytest.raises(ValidationFailed):
            authorize.extras_of(extras)
