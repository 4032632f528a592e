"""A browser and an app that sign in by a provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client

from lingauth.core import clock
from lingauth.core.pkce import s256
from lingauth.models import Provider, Session
from lingauth.services import providers
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.support.app import PASSWORD, App
from tests.support.openid import CLIENT_ID, SECRET, OpenId

APP = "https://app.example.com/cb"
ADA, BOB = "ada@example.com", "bob@example.com"
VERIFIER = "a-verifier-of-the-app-that-is-long-enough-0123456789"
CHALLENGE = {"code_challenge": s256(VERIFIER), "code_challenge_method": "s256"}


def accept(made: NewBackend, openid: OpenId, name: str = "corp", **changes: Any) -> Provider:
    """The backend accepts the provider."""
    values = {"issuer": openid.base, "client_id": CLIENT_ID, "secret": SECRET, **changes}
    return providers.save(
        backend=made.backend, name=name, changes=values, actor=Actor.system("tests")
    )


@dataclass
class Browser:
    """One browser at one backend, with its cookies."""

    ref: str
    openid: OpenId
    http: Client = field(default_factory=Client)

    def get(self, path: str, **query: str) -> Any:
        return self.http.get(f"/b/{self.ref}/auth/v1/{path}", query)

    def leave(self, provider: str = "corp", **query: str) -> str:
        """To the provider: the address it is sent to."""
        answer = self.get("authorize", provider=provider, **{"redirect_to": APP, **query})
        assert answer.status_code == 302, answer.content
        url: str = answer.headers["Location"]
        return url

    def come_back(self, given: dict[str, str]) -> str:
        """From the provider: the address it is sent on to."""
        answer = self.get("callback", **given)
        assert answer.status_code in (302, 303), answer.content
        url: str = answer.headers["Location"]
        return url

    def sign_in(self, provider: str = "corp", **query: str) -> str:
        """There and back, to the app."""
        return self.come_back(self.openid.consent(self.leave(provider, **query)))

    def code(self, provider: str = "corp", **query: str) -> str:
        """The same with PKCE: the code that the app is given."""
        url = self.sign_in(provider, **CHALLENGE, **query)
        assert url.startswith(f"{APP}?"), url
        assert "#" not in url, url
        return query_of(url)["code"]


def exchange(app: App, code: str, verifier: str = VERIFIER) -> Any:
    body = {"auth_code": code, "code_verifier": verifier}
    return app.auth("POST", "token?grant_type=pkce", body, anonymous=True)


def sign_in(app: App, browser: Browser, provider: str = "corp") -> dict[str, Any]:
    """The whole way, with PKCE. The user, signed in to the app."""
    answer = exchange(app, browser.code(provider))
    assert answer.status_code == 200, answer.content
    app.session = answer.json()
    user: dict[str, Any] = app.session["user"]
    return user


def begin_link(app: App, provider: str = "corp", **query: str) -> Any:
    """As the published client asks, from a script."""
    sent = {"provider": provider, "redirect_to": APP, "skip_http_redirect": "true", **query}
    return app.auth("GET", f"user/identities/authorize?{urlencode(sent)}")


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def fragment_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).fragment, keep_blank_values=True))


def error_of(url: str) -> str:
    """The error that the app is told, which is the same in query and fragment."""
    assert url.startswith(APP), url
    told = query_of(url)
    fragment = fragment_of(url)
    assert {name: fragment[name] for name in told} == told
    assert "access_token" not in url
    return told["error_code"]


def sign_up(app: App, email: str = ADA, password: str = PASSWORD) -> None:
    answer = app.auth("POST", "signup", {"email": email, "password": password}, anonymous=True)
    assert answer.status_code == 200, answer.content


def with_password(app: App, email: str = ADA, password: str = PASSWORD) -> Any:
    body = {"email": email, "password": password}
    return app.auth("POST", "token?grant_type=password", body, anonymous=True)


def age(app: App, **columns: Any) -> None:
    """The session began, or was verified, eleven minutes ago."""
    long_ago = clock.now() - timedelta(minutes=11)
    Session.objects.filter(ended_at=None).update(**(columns or {"created_at": long_ago}))


def follow(browser: Browser, openid: OpenId, url: str) -> str:
    """Follow the address that the app was given, to the provider and back."""
    answer = browser.http.get(url)
    assert answer.status_code == 302, (answer.status_code, answer.content, answer.headers)
    return browser.come_back(openid.consent(answer.headers["Location"]))


def link(app: App, browser: Browser, openid: OpenId) -> Any:
    """The whole way, with PKCE."""
    begun = begin_link(app, **CHALLENGE)
    assert begun.status_code == 200, begun.content
    return exchange(app, query_of(follow(browser, openid, begun.json()["url"]))["code"])
