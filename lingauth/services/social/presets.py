"""What is known of the usual providers, so that an operator only fills in what is theirs."""

from __future__ import annotations

from dataclasses import dataclass

from lingauth.models import Provider


@dataclass(frozen=True, slots=True)
class Preset:
    """``issuer`` is empty where each customer has an own one; ``issuer_hint`` then shows its form.

    ``form_post``: the answer comes as a POST, because that is the only way this provider tells an
    address.
    """

    name: str
    label: str
    kind: str = Provider.Kind.OIDC.value
    issuer: str = ""
    issuer_hint: str = ""
    scopes: str = "openid email profile"
    form_post: bool = False


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("google", "Google", issuer="https://accounts.google.com"),
        Preset("github", "GitHub", kind=Provider.Kind.GITHUB.value, scopes="read:user user:email"),
        Preset(
            "apple",
            "Apple",
            issuer="https://appleid.apple.com",
            scopes="openid email name",
            form_post=True,
        ),
        Preset(
            "azure",
            "Microsoft",
            issuer_hint="https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0",
        ),
        Preset("gitlab", "GitLab", issuer="https://gitlab.com"),
        Preset("keycloak", "Keycloak", issuer_hint="https://sso.example.com/realms/YOUR-REALM"),
    )
}

RESERVED = frozenset(
    "anonymous anonymous_users email ethereum new phone saml solana sso step_up web3 "
    "webauthn".split()
)
"""Names that mean something else to the clients, or are an address of the console's."""


def of(name: str) -> Preset:
    """The preset of that name, or one for any other OpenID provider."""
    return PRESETS.get(name) or Preset(name, name.title(), issuer_hint="https://sso.example.com")
