"""What is known of the usual providers."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from lingauth.services.social import presets

OPENID = "openid email profile"


@pytest.mark.parametrize(
    "known",
    [
        ("google", "Google", "oidc", "https://accounts.google.com", "", OPENID, False),
        ("github", "GitHub", "github", "", "", "read:user user:email", False),
        ("apple", "Apple", "oidc", "https://appleid.apple.com", "", "openid email name", True),
        (
            "azure", "Microsoft", "oidc", "",
            "https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0", OPENID, False,
        ),
        ("gitlab", "GitLab", "oidc", "https://gitlab.com", "", OPENID, False),
        (
            "keycloak", "Keycloak", "oidc", "",
            "https://sso.example.com/realms/YOUR-REALM", OPENID, False,
        ),
        ("email", "Email", "oidc", "", "https://sso.example.com", OPENID, False),
        ("corp", "Corp", "oidc", "", "https://sso.example.com", OPENID, False),
    ],
)  # fmt: skip
def test_a_preset(known: tuple[object, ...]) -> None:
    assert astuple(presets.of(str(known[0]))) == known


def test_the_usual_ones() -> None:
    assert set(presets.PRESETS) == {"google", "github", "apple", "azure", "gitlab", "keycloak"}
