"""From a provider's code to who it is: the code is traded, the ID token is judged."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from lingauth.models import Provider
from lingauth.services import providers
from lingauth.services.grants import Grant
from lingauth.services.social import github, idtoken
from lingauth.services.social.authorize import configuration
from lingauth.services.social.calls import ProviderTrouble, call
from lingauth.services.social.discovery import Configuration
from lingauth.services.social.idtoken import BadIdToken
from lingauth.services.social.profile import Profile, of_claims

_TOKEN = re.compile(r"[\x20-\x7e]{1,8000}")
"""RFC 6749 appendix A.12, and as long as an address or a header may get by it."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who it is, and the provider's own tokens, for apps that go on to call it."""

    profile: Profile
    access_token: str
    refresh_token: str

    @property
    def tokens(self) -> dict[str, str]:
        return {
            "provider_token": self.access_token,
            "provider_refresh_token": self.refresh_token,
        }

    def beside(self, grant: Grant) -> Grant:
        """The same grant, with the provider's tokens."""
        return replace(
            grant,
            provider_token=self.access_token,
            provider_refresh_token=self.refresh_token,
        )


def trade(provider: Provider, *, code: str, verifier: str, nonce: str, now: datetime) -> Told:
    """Raises ProviderTrouble, BadIdToken, and ``authorize.unreachable``."""
    config = configuration(provider)
    found = _ask(provider, config, code, verifier)
    access_token = _text(found, "access_token")
    if provider.kind == Provider.Kind.GITHUB:
        if not access_token:
            raise ProviderTrouble("it gave no token")
        profile = github.profile(provider, access_token)
    else:
        claims = idtoken.verify(
            found.get("id_token"),
            provider=provider,
            clients=(provider.client_id,),
            nonce=nonce,
            now=now,
            access_token=access_token,
        )
        profile = of_claims(provider, claims)
    return Told(profile, access_token, _text(found, "refresh_token"))


def _ask(provider: Provider, config: Configuration, code: str, verifier: str) -> dict[str, Any]:
    """Trade the code (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""
    body = prepare_token_request(
        "authorization_code",
        code=code,
        redirect_uri=providers.callback_url(provider.backend),
        code_verifier=verifier,
    )
    secret = providers.secret_of(provider)
    name, method = provider.client_id, config.client_auth if secret else "none"
    if method == "client_secret_basic":  # form-encoded first (RFC 6749 section 2.3.1)
        name, secret = quote(name, safe=""), quote(secret, safe="")
    headers: dict[str, str] = {}
    url, headers, body = ClientAuth(name, secret, method).prepare(
        "POST", config.token_endpoint, headers, body
    )
    answer = call(url, method="POST", body=body, headers=headers)
    if answer.status in (400, 401) or (isinstance(answer.value, dict) and "error" in answer.value):
        raise BadIdToken(f"it refused the code with status {answer.status}")
    return answer.members


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else ""
