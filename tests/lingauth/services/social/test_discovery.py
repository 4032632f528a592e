"""What a provider publishes of itself: what is used of it."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import OctKey, OKPKey, RSAKey
from pytest_django import Settings

from lingauth.services.social import discovery
from lingauth.services.social.calls import ProviderTrouble
from lingauth.services.social.discovery import Configuration
from tests.lingauth.services.social.publishing import ISSUER, JWKS, WELL_KNOWN, Site, key, provider

BASIC, POST = "client_secret_basic", "client_secret_post"


def test_what_is_used_of_a_configuration(site: Site) -> None:
    assert discovery.configuration(provider()) == Configuration(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        jwks_uri=JWKS,
        client_auth="client_secret_basic",
        sends_issuer=False,
    )
    assert site.asked == [WELL_KNOWN]


@pytest.mark.parametrize(
    ("methods", "auth"),
    [
        ([], BASIC),
        ([BASIC], BASIC),
        ([BASIC, POST], POST),
        (["private_key_jwt"], BASIC),
        (POST, BASIC),
        (None, BASIC),
    ],
)
def test_how_the_secret_is_sent(site: Site, methods: object, auth: str) -> None:
    site.answers[WELL_KNOWN]["token_endpoint_auth_methods_supported"] = methods
    assert discovery.configuration(provider()).client_auth == auth


@pytest.mark.parametrize(("said", "sends"), [(True, True), (False, False), ("true", False)])
def test_whether_its_answers_name_it(site: Site, said: object, sends: bool) -> None:
    site.answers[WELL_KNOWN]["authorization_response_iss_parameter_supported"] = said
    assert discovery.configuration(provider()).sends_issuer is sends


@pytest.mark.parametrize("issuer", [f"{ISSUER}/", "https://evil.example", None])
def test_a_configuration_of_another_issuer_is_trouble(site: Site, issuer: object) -> None:
    site.answers[WELL_KNOWN]["issuer"] = issuer
    with pytest.raises(ProviderTrouble, match=r"^its configuration names another issuer$"):
        discovery.configuration(provider())


@pytest.mark.parametrize("url", [None, 5, "", "http://sso.example.com/x", "javascript:alert(1)"])
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_an_address_that_is_not_acceptable_is_trouble(
    site: Site, settings: Settings, name: str, url: object
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": False}
    site.answers[WELL_KNOWN][name] = url
    with pytest.raises(ProviderTrouble, match=f"^its {name} is not acceptable$"):
        discovery.configuration(provider())


def test_keys_of_another_kind_are_passed_over(site: Site) -> None:
    shared = OctKey.generate_key(256).as_dict()
    ed = OKPKey.generate_key("Ed25519", {"kid": "k2"}).as_dict(private=False)
    rsa = RSAKey.generate_key(2048, {"kid": "k3"}).as_dict(private=False)
    site.answers[JWKS] = {"keys": [shared, 5, "x", {"kty": "none"}, {}, key("k1"), ed, rsa]}
    found = discovery.keys(provider(), JWKS, None).keys
    assert [each.kid for each in found] == ["k1", "k2", "k3"]


NONE, WRONG = "MissingKeyError", "TypeError"


@pytest.mark.parametrize(
    ("listed", "reason"),
    [(None, NONE), ([], NONE), ([{"kty": "oct", "k": "AAAA"}], NONE), (5, WRONG), (True, WRONG)],
)
def test_no_keys_are_trouble(site: Site, listed: object, reason: str) -> None:
    site.answers[JWKS] = {"keys": listed}
    with pytest.raises(ProviderTrouble, match=f"^its keys cannot be read: {reason}$"):
        discovery.keys(provider(), JWKS, None)


@pytest.mark.parametrize(
    "broken",
    [
        {"kty": "EC"},
        {"kty": "EC", "crv": "P-256"},
        {"kty": "EC", "crv": "none", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {"kty": "RSA", "n": "!", "e": "AQAB"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
    ],
)
def test_keys_that_cannot_be_read_are_trouble(site: Site, broken: dict[str, Any]) -> None:
    site.answers[JWKS] = {"keys": [broken]}
    with pytest.raises(ProviderTrouble, match=r"^its keys cannot be read: \w+$"):
        discovery.keys(provider(), JWKS, None)
