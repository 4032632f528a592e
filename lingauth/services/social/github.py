"""GitHub, which speaks OAuth 2.0 but not OpenID Connect: who it is has to be asked for."""

from __future__ import annotations

from typing import Any

from lingauth.models import Provider
from lingauth.services.social.calls import Answer, ProviderTrouble, call
from lingauth.services.social.discovery import Configuration
from lingauth.services.social.profile import Profile, is_name, usable

HOST, API = "https://github.com", "https://api.github.com"
_NO_REPLY = "@users.noreply.github.com"


def configuration(provider: Provider) -> Configuration:
    """Where GitHub is, or the GitHub Enterprise server that the operator named."""
    base = _base(provider)
    return Configuration(
        issuer=f"{base}/login/oauth",
        authorization_endpoint=f"{base}/login/oauth/authorize",
        token_endpoint=f"{base}/login/oauth/access_token",
        jwks_uri="",
        client_auth="client_secret_post",
        sends_issuer=False,
    )


def profile(provider: Provider, access_token: str) -> Profile:
    """Whose token it is. Raises ProviderTrouble."""
    api = f"{provider.issuer.rstrip('/')}/api/v3" if provider.issuer else API
    user = _get(f"{api}/user", access_token).members
    found = _get(f"{api}/user/emails", access_token)
    rows = found.value if found.status == 200 and isinstance(found.value, list) else []
    if not isinstance(user.get("id"), int):
        raise ProviderTrouble("it names nobody")
    emails = [row for row in rows if isinstance(row, dict) and _is_real(row.get("email"))]
    first = min(emails, key=lambda row: row.get("primary") is not True, default=None)
    return Profile(
        issuer=configuration(provider).issuer,
        subject=str(user["id"]),
        email=str(first["email"]) if first else "",
        verified=tuple(
            str(row["email"])
            for row in emails
            if row.get("verified") is True and provider.trusts_email
        ),
        named=_named(user),
    )


def _base(provider: Provider) -> str:
    return provider.issuer.rstrip("/") or HOST


def _get(url: str, access_token: str) -> Answer:
    headers = {
        "Authorization": f"Bearer {access_token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    return call(url, headers=headers)


def _is_real(email: object) -> bool:
    return bool(usable(email)) and not str(email).lower().endswith(_NO_REPLY)


def _named(user: dict[str, Any]) -> dict[str, Any]:
    pairs = {
        "name": user.get("name"),
        "full_name": user.get("name"),
        "user_name": user.get("login"),
        "preferred_username": user.get("login"),
        "avatar_url": user.get("avatar_url"),
    }
    return {k: v for k, v in pairs.items() if is_name(v)}
