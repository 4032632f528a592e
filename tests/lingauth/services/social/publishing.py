"""A provider's published pages, without a network, and a clock to keep them by."""

from __future__ import annotations

from typing import Any

from joserfc.jwk import ECKey

from lingauth.models import Backend, Provider
from lingauth.services.social.calls import Answer, ProviderTrouble

ISSUER = "https://sso.example.com/realm"
WELL_KNOWN = f"{ISSUER}/.well-known/openid-configuration"
JWKS = f"{ISSUER}/jwks"
PUBLISHED: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": JWKS,
}


def key(kid: str) -> dict[str, Any]:
    return dict(ECKey.generate_key("P-256", {"kid": kid}).as_dict(private=False))


class Site:
    """A provider's pages, a clock to keep them by, and what was asked."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.asked: list[str] = []
        self.trouble = ""
        self.answers: dict[str, Any] = {WELL_KNOWN: dict(PUBLISHED), JWKS: {"keys": [key("k1")]}}

    def call(self, url: str) -> Answer:
        self.asked.append(url)
        if self.trouble:
            raise ProviderTrouble(self.trouble)
        return Answer(200, self.answers[url])

    def monotonic(self) -> float:
        return self.now


def provider(issuer: str = ISSUER, backend: int = 1, kind: str = "oidc") -> Provider:
    return Provider(backend=Backend(pk=backend, ref="acme"), issuer=issuer, kind=kind)
