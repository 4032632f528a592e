"""Claims that the library leaves to its caller, or takes more lightly than we do."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from lingauth.models import Provider
from lingauth.services.social import idtoken
from lingauth.services.social.idtoken import BadIdToken

ISSUER, CLIENT = "https://sso.example.com", "client-1"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": CLIENT, "sub": "s-1", "iat": 1, "exp": 2, "nonce": "n-1",
}  # fmt: skip


def check(
    expected: str | None = "n-1", clients: Collection[str] = (CLIENT, "client-2"), **claims: Any
) -> str:
    """Why they are refused; empty if they are not."""
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    try:
        idtoken._check(said, Provider(issuer=ISSUER), clients, expected)
    except BadIdToken as reason:
        return str(reason)
    return ""


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": [CLIENT]},
        {"aud": "client-2"},
        {"azp": CLIENT},
        {"azp": "client-2"},
        {"aud": [CLIENT, "elsewhere"], "azp": CLIENT},
        {"aud": ["elsewhere", "client-2"], "azp": "client-2"},
        {"sub": "x" * 255},
        {"sub": "x"},
        {"iat": 1.5, "exp": 2.5},
    ],
)
def test_good_ones(claims: dict[str, Any]) -> None:
    assert check(**claims) == ""


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": f"{ISSUER}/"}, "it is of another issuer"),
        ({"iss": [ISSUER]}, "it is of another issuer"),
        ({"aud": []}, "it has no audience"),
        ({"aud": [CLIENT, 5]}, "it has no audience"),
        ({"aud": 5}, "it has no audience"),
        ({"aud": "elsewhere"}, "it is for another client"),
        ({"aud": ["elsewhere", "there"], "azp": CLIENT}, "it is for another client"),
        ({"aud": [CLIENT, "elsewhere"]}, "it was made for another party"),
        ({"aud": [CLIENT, "client-2"]}, "it was made for another party"),
        ({"aud": [CLIENT, "elsewhere"], "azp": "elsewhere"}, "it was made for another party"),
        ({"azp": "elsewhere"}, "it was made for another party"),
        ({"azp": ""}, "it was made for another party"),
        ({"exp": "2"}, "its times are no numbers"),
        ({"exp": True}, "its times are no numbers"),
        ({"iat": "1"}, "its times are no numbers"),
        ({"iat": False}, "its times are no numbers"),
        ({"sub": ""}, "it names nobody"),
        ({"sub": "x" * 256}, "it names nobody"),
        ({"sub": 5}, "it names nobody"),
        ({"sub": "a\x00b"}, "it names nobody"),
        ({"nonce": None}, "it has another nonce"),
        ({"nonce": "n-2"}, "it has another nonce"),
        ({"nonce": 5}, "it has another nonce"),
    ],
)
def test_faulty_ones(claims: dict[str, Any], reason: str) -> None:
    assert check(**claims) == reason


def test_a_nonce_that_nobody_asked_for_is_refused_too() -> None:
    assert check(expected=None) == "it has a nonce"
    assert check(expected=None, nonce=None) == ""


def test_a_nonce_may_have_any_letters() -> None:
    assert check(expected="né", nonce="né") == ""
