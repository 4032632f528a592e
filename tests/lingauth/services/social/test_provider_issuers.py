"""The issuer of a provider: one address, written as in its ID tokens."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.core.errors import ValidationFailed
from lingauth.models import Backend, Provider
from lingauth.services import providers
from tests.support.acts import ANN
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db

SSO = "https://sso.example.com"


@pytest.fixture
def backend() -> Backend:
    return new_backend().backend


def save(backend: Backend, name: str = "corp", **changes: Any) -> Provider:
    changes = {"client_id": "client-1"} | changes
    return providers.save(backend=backend, name=name, changes=changes, actor=ANN)


def refusal(backend: Backend, name: str = "corp", **changes: Any) -> str:
    with pytest.raises(ValidationFailed) as refused:
        save(backend, name, **changes)
    return str(refused.value)


ISSUERS = {
    "": "issuer: an address such as https://sso.example.com.",
    "https://sso.example.com?x": "issuer: an address such as https://sso.example.com.",
    "https://sso.example.com#x": "issuer: an address such as https://sso.example.com.",
    "com.example.app://x": "issuer: an address such as https://sso.example.com.",
    "sso.example.com": "issuer: an address such as https://sso.example.com.",
    "http://sso.example.com": "issuer: its address begins with https://.",
    f"{SSO}/{277 * 'x'}": "issuer: at most 300 characters.",
}


@pytest.mark.parametrize("issuer", ISSUERS)
def test_no_issuer(backend: Backend, issuer: str) -> None:
    """OpenID Connect Core, section 2: https, with neither query nor fragment."""
    assert refusal(backend, issuer=issuer) == ISSUERS[issuer]


def test_an_issuer_has_300_characters(backend: Backend) -> None:
    longest = f"{SSO}/{276 * 'x'}"
    assert len(longest) == 300
    assert save(backend, issuer=longest).issuer == longest


def test_the_hint_is_that_of_the_provider(backend: Backend) -> None:
    assert refusal(backend, "azure", issuer="") == (
        "issuer: an address such as https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0."
    )
    assert refusal(backend, "google", issuer="") == (
        "issuer: an address such as https://sso.example.com."
    )


def test_a_private_network_may_do_without_https(backend: Backend, settings: Any) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True}
    assert save(backend, issuer="http://sso.example.com").issuer == "http://sso.example.com"


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers"])
@pytest.mark.parametrize("rest", ["", "/v2.0", "/"])
def test_a_shared_tenant_is_nobodys_own(backend: Backend, tenant: str, rest: str) -> None:
    place = "https://login.microsoftonline.com/"
    assert refusal(backend, "azure", issuer=place + tenant + rest) == (
        "issuer: your own tenant's. In a shared one anybody can claim any address."
    )
    assert save(backend, "azure", issuer=f"{place}own{rest}").pk
    assert save(backend, "azure", issuer=f"{place}X{tenant}X{rest}").pk
    assert save(backend, "other", issuer=f"{SSO}/{tenant}{rest}").pk


def test_an_issuer_is_what_is_an_address_here_not_what_a_form_takes_for_one(
    backend: Backend,
) -> None:
    assert save(backend, issuer="https://our_sso.example.com/x").pk
