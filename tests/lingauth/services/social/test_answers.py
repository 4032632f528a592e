"""Trading a provider's code: what is sent, and what is made of the answer."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest

from lingauth.models import Backend, Provider
from lingauth.services import providers
from lingauth.services.backends import base_url
from lingauth.services.grants import Grant
from lingauth.services.social import answers, github, idtoken
from lingauth.services.social.answers import Told
from lingauth.services.social.calls import Answer, ProviderTrouble
from lingauth.services.social.discovery import Configuration
from lingauth.services.social.idtoken import BadIdToken
from lingauth.services.social.profile import Profile

ISSUER = "https://sso.example.com"
BACKEND = Backend(pk=1, ref="acme")
NOW = datetime(2030, 1, 1, tzinfo=UTC)
CLAIMS = {"iss": ISSUER, "sub": "s-1", "email": "a@example.com", "email_verified": True}
ADA = Profile(ISSUER, "s-1", "a@example.com", ("a@example.com",), {})


class Token:
    """A token endpoint. ``sent`` is what it was sent, ``judged`` what the ID token was held to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer = Answer(
            200, {"access_token": "at-1", "refresh_token": "rt-1", "id_token": "t"}
        )
        self.auth, self.secret = "client_secret_post", "s/X&1"
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.judged: list[tuple[object, dict[str, Any]]] = []
        monkeypatch.setattr(answers, "configuration", self.configuration)
        monkeypatch.setattr(answers, "call", self.call)
        monkeypatch.setattr(providers, "secret_of", self.secret_of)
        monkeypatch.setattr(idtoken, "verify", self.verify)

    def secret_of(self, provider: Provider) -> str:
        assert provider.client_id
        return self.secret

    def configuration(self, provider: Provider) -> Configuration:
        assert provider.client_id
        url = "https://sso.example.com/token"
        return Configuration("https://sso.example.com", "", url, "", self.auth, False)

    def call(self, url: str, **sent: Any) -> Answer:
        self.sent.append((url, sent))
        return self.answer

    def verify(self, token: object, **held_to: Any) -> dict[str, Any]:
        self.judged.append((token, held_to))
        return dict(CLAIMS)

    def trade(self, kind: str = "oidc") -> Told:
        row = Provider(backend=BACKEND, kind=kind, client_id="client/X1")
        return answers.trade(row, code="c&1", verifier="v-1", nonce="n-1", now=NOW)


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Token:
    return Token(monkeypatch)


BODY = {
    "grant_type": "authorization_code",
    "code": "c&1",
    "redirect_uri": f"{base_url(BACKEND)}/auth/v1/callback",
    "code_verifier": "v-1",
}


def sent_by(token: Token) -> tuple[dict[str, str], dict[str, str]]:
    """The body and the headers of the one call."""
    ((url, sent),) = token.sent
    assert url == "https://sso.example.com/token"
    assert set(sent) == {"method", "body", "headers"}
    assert sent["method"] == "POST"
    return dict(parse_qsl(sent["body"], keep_blank_values=True)), sent["headers"]


def test_the_secret_in_the_body(token: Token) -> None:
    token.trade()
    body, headers = sent_by(token)
    assert body == BODY | {"client_id": "client/X1", "client_secret": "s/X&1"}
    assert "Authorization" not in headers


def test_the_secret_in_a_header_is_encoded_for_a_form_first(token: Token) -> None:
    """RFC 6749 section 2.3.1."""
    token.auth = "client_secret_basic"
    token.trade()
    body, headers = sent_by(token)
    assert body == BODY
    assert headers["Authorization"] == f"Basic {b64encode(b'client%2FX1:s%2FX%261').decode()}"


@pytest.mark.parametrize("auth", ["client_secret_basic", "client_secret_post"])
def test_without_a_secret_the_client_only_says_who_it_is(token: Token, auth: str) -> None:
    token.auth, token.secret = auth, ""
    token.trade()
    body, headers = sent_by(token)
    assert body == BODY | {"client_id": "client/X1"}
    assert "Authorization" not in headers


def test_who_it_is_and_the_providers_own_tokens(token: Token) -> None:
    told = token.trade()
    assert told == Told(ADA, "at-1", "rt-1")
    assert told.tokens == {"provider_token": "at-1", "provider_refresh_token": "rt-1"}


def test_what_the_id_token_is_held_to(token: Token) -> None:
    token.trade()
    ((given, held_to),) = token.judged
    assert given == "t"
    assert held_to.pop("provider").client_id == "client/X1"
    assert held_to == {
        "clients": ("client/X1",),
        "nonce": "n-1",
        "now": NOW,
        "access_token": "at-1",
    }


def test_a_grant_is_given_them_beside_it(token: Token) -> None:
    told = token.trade()
    names = ("access_token", "refresh_token", "expires_in", "expires_at")
    bare = Grant(*(cast(Any, name) for name in ("session", "backend", "profile", *names)))
    assert told.beside(bare) == replace(bare, provider_token="at-1", provider_refresh_token="rt-1")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("x" * 8000, "x" * 8000), (" ~", " ~"), ("x" * 8001, ""), (5, ""), (None, ""), ("\x1f", ""),
        ("\x7f", ""), ("at\n", ""), ("\ud800", ""),
    ],
    ids="long first-and-last too-long number none control delete line surrogate".split(),
)  # fmt: skip
def test_a_providers_token_is_printable_ascii_of_at_most_8000_characters(
    token: Token, value: object, kept: str
) -> None:
    token.answer = Answer(200, {"access_token": value, "refresh_token": value, "id_token": "t"})
    told = token.trade()
    assert (told.access_token, told.refresh_token) == (kept, kept)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer(400, {}), 400),
        (Answer(401, []), 401),
        (Answer(200, {"error": "bad_verification_code", "access_token": "at-1"}), 200),
        (Answer(500, {"error": "x"}), 500),
    ],
)
def test_a_refused_code_is_not_the_providers_trouble(
    token: Token, answer: Answer, status: int
) -> None:
    token.answer = answer
    with pytest.raises(BadIdToken) as refused:
        token.trade()
    assert str(refused.value) == f"it refused the code with status {status}"


@pytest.mark.parametrize(
    "answer", [Answer(500, {}), Answer(402, {}), Answer(200, []), Answer(200, "error")]
)
def test_any_other_answer_is(token: Token, answer: Answer) -> None:
    token.answer = answer
    with pytest.raises(ProviderTrouble, match=f"^status {answer.status}$"):
        token.trade()


def test_github_is_asked_with_its_token(token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def profile(provider: Provider, access_token: str) -> Profile:
        asked.append((provider.client_id, access_token))
        return ADA

    monkeypatch.setattr(github, "profile", profile)
    assert token.trade("github") == Told(ADA, "at-1", "rt-1")
    assert asked == [("client/X1", "at-1")]
    assert token.judged == []
    token.answer = Answer(200, {"access_token": ""})
    with pytest.raises(ProviderTrouble, match=r"^it gave no token$"):
        token.trade("github")
    assert len(asked) == 1
