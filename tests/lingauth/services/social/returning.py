"""A provider that says whatever a test wants, and a browser that comes back from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lingauth.core.pkce import Pkce, s256
from lingauth.models import Flow, Provider
from lingauth.services.access import SignedIn
from lingauth.services.social import authorize, browser, callback
from lingauth.services.social.answers import Told
from lingauth.services.social.callback import Return
from lingauth.services.social.discovery import Configuration
from tests.lingauth.services.social.people import ISSUER, profile
from tests.support.acts import CLIENT

APP = "https://app.example.com/cb"
COOKIE = "x" * 43
VERIFIER = "a-verifier-of-the-app-that-is-long-enough-0123456789"


class Corp:
    """The provider ``corp``. ``found`` is who it says that somebody is, ``traded`` what its codes
    were traded with."""

    pkce = Pkce(s256(VERIFIER), "s256")

    def __init__(self, provider: Provider) -> None:
        self.provider, self.backend = provider, provider.backend
        self.found, self.sends_issuer, self.state = profile(), False, ""
        self.traded: list[dict[str, Any]] = []

    def configuration(self, provider: Provider) -> Configuration:
        assert provider.name
        there = (f"{ISSUER}/authorize?x=1", f"{ISSUER}/token", f"{ISSUER}/jwks")
        return Configuration(ISSUER, *there, "client_secret_post", self.sends_issuer)

    def trade(self, provider: Provider, **held_to: Any) -> Told:
        self.traded.append({"provider": provider, **held_to})
        return Told(self.found, "at-1", "rt-1")

    def set_out(self, **more: Any) -> Flow:
        asked = {"provider": self.provider, "redirect_to": APP, "pkce": self.pkce, **more}
        return authorize.set_out(**asked)

    def leave(
        self,
        pkce: Pkce | None = pkce,
        redirect_to: str = APP,
        cookie: str = COOKIE,
        link_to: SignedIn | None = None,
    ) -> Flow:
        digest = browser.digest(self.backend, cookie)
        return self.set_out(
            pkce=pkce, redirect_to=redirect_to, browser_digest=digest, link_to=link_to
        )

    def come_back(self, flow: Flow, cookie: str | None = COOKIE, **given: Any) -> Return:
        state = self.state or authorize.state_of(flow)
        answer = {"state": state, "code": "c-1", **given}
        answer = {name: value for name, value in answer.items() if value is not None}
        return callback.finish(backend=self.backend, given=answer, cookie=cookie, client=CLIENT)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def fragment_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).fragment, keep_blank_values=True))
