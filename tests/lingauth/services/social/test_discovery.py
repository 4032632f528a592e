"""What a provider publishes of itself: what is used of it, and for how long it is believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from pytest_django import Settings

from lingauth.models import Backend, Provider
from lingauth.services.social import discovery
from lingauth.services.social.calls import Answer, ProviderTrouble
from lingauth.services.social.discovery import Configuration

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


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = Site()
    monkeypatch.setattr(discovery, "call", made.call)
    monkeypatch.setattr(discovery, "time", made)
    discovery.forget()
    yield made
    discovery.forget()


def provider(issuer: str = ISSUER, backend: int = 1, kind: str = "oidc") -> Provider:
    return Provider(backend=Backend(pk=backend, ref="acme"), issuer=issuer, kind=kind)


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
        ([], "client_secret_basic"),
        (["client_secret_basic"], "client_secret_basic"),
        (["client_secret_basic", "client_secret_post"], "client_secret_post"),
        (["private_key_jwt"], "client_secret_basic"),
        ("client_secret_post", "client_secret_basic"),
        (None, "client_secret_basic"),
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


def test_a_configuration_is_believed_for_ten_minutes(site: Site) -> None:
    discovery.configuration(provider())
    site.now += 599.5
    discovery.configuration(provider())
    assert site.asked == [WELL_KNOWN]
    site.now += 0.5
    discovery.configuration(provider())
    assert site.asked == [WELL_KNOWN, WELL_KNOWN]


def test_what_is_kept_is_of_one_backend_and_one_issuer(site: Site) -> None:
    discovery.configuration(provider())
    discovery.configuration(provider(backend=2))
    assert site.asked == [WELL_KNOWN, WELL_KNOWN]
    with pytest.raises(KeyError):
        discovery.configuration(provider(issuer="https://other.example.com"))


def test_keys_are_believed_for_ten_minutes(site: Site) -> None:
    for wait in (0, 599.5):
        site.now += wait
        found = discovery.keys(provider(), JWKS, "k1")
        assert [each.kid for each in found.keys] == ["k1"]
    assert site.asked == [JWKS]
    site.now += 0.5
    discovery.keys(provider(), JWKS, "k1")
    assert site.asked == [JWKS, JWKS]


def test_a_key_that_is_not_there_is_looked_for_every_half_minute(site: Site) -> None:
    discovery.keys(provider(), JWKS, "k1")
    site.answers[JWKS] = {"keys": [key("k2")]}
    site.now += 29.5
    assert discovery.keys(provider(), JWKS, "k2").keys[0].kid == "k1"
    assert site.asked == [JWKS]
    site.now += 0.5
    assert discovery.keys(provider(), JWKS, "k2").keys[0].kid == "k2"
    assert site.asked == [JWKS, JWKS]


def test_a_key_without_a_name_is_not_looked_for(site: Site) -> None:
    discovery.keys(provider(), JWKS, None)
    site.now += 300
    discovery.keys(provider(), JWKS, None)
    assert site.asked == [JWKS]


def test_keys_of_another_kind_are_passed_over(site: Site) -> None:
    shared = OctKey.generate_key(256).as_dict()
    ed = OKPKey.generate_key("Ed25519", {"kid": "k2"}).as_dict(private=False)
    rsa = RSAKey.generate_key(2048, {"kid": "k3"}).as_dict(private=False)
    site.answers[JWKS] = {"keys": [shared, 5, "x", {"kty": "none"}, {}, key("k1"), ed, rsa]}
    found = discovery.keys(provider(), JWKS, None).keys
    assert [each.kid for each in found] == ["k1", "k2", "k3"]


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        (None, "MissingKeyError"),
        ([], "MissingKeyError"),
        ([{"kty": "oct", "k": "AAAA"}], "MissingKeyError"),
        (5, "TypeError"),
        (True, "TypeError"),
    ],
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


def test_a_provider_in_trouble_is_left_alone_for_ten_seconds(site: Site) -> None:
    site.trouble = "it took too long"
    for wait in (0, 9.5):
        site.now += wait
        with pytest.raises(ProviderTrouble, match=r"^it took too long$"):
            discovery.configuration(provider())
    assert site.asked == [WELL_KNOWN]
    site.now += 0.5
    site.trouble = ""
    assert discovery.configuration(provider()).issuer == ISSUER
    assert site.asked == [WELL_KNOWN, WELL_KNOWN]


def test_what_could_not_be_used_is_told_afresh(site: Site) -> None:
    assert discovery.trouble_with(provider()) == ""
    assert site.asked == [WELL_KNOWN, JWKS]
    site.trouble = "status 500"
    assert discovery.trouble_with(provider()) == "status 500"
    assert site.asked == [WELL_KNOWN, JWKS, WELL_KNOWN]
    site.trouble = ""
    assert discovery.trouble_with(provider()) == ""
    assert discovery.trouble_with(provider(kind="github")) == ""
    assert len(site.asked) == 5


def test_a_look_for_trouble_forgets_nobody_elses(site: Site) -> None:
    discovery.configuration(provider(backend=2))
    discovery.trouble_with(provider())
    discovery.configuration(provider(backend=2))
    assert site.asked.count(WELL_KNOWN) == 2


def test_256_answers_are_kept_the_newest(site: Site) -> None:
    for number in range(257):
        discovery.configuration(provider(backend=number))
    site.asked.clear()
    for number in (256, 1):
        discovery.configuration(provider(backend=number))
    assert site.asked == []
    discovery.configuration(provider(backend=0))
    assert site.asked == [WELL_KNOWN]
