"""What an ID token has to be, on its way through the browser and from a native app."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from joserfc.jwk import ECKey

from lingauth.core import clock
from lingauth.models import Account
from lingauth.services.backends import NewBackend
from tests.lingauth.api.contract import refused
from tests.lingauth.api.social.people import Browser, accept, error_of
from tests.support.app import App
from tests.support.openid import CLIENT_ID, OpenId

pytestmark = pytest.mark.once

Fault = Callable[[OpenId], None]


def says(**claims: Any) -> Fault:
    def fault(openid: OpenId) -> None:
        openid.claims = claims

    return fault


def seconds(of: int) -> int:
    return int(clock.now().timestamp()) + of


def expired(openid: OpenId) -> None:
    openid.claims = {"exp": seconds(-60), "iat": seconds(-400)}


def from_the_future(openid: OpenId) -> None:
    openid.claims = {"iat": seconds(120)}


def other_key(openid: OpenId) -> None:
    openid.signer = ECKey.generate_key("P-256", {"kid": "k1"})


def unsigned(openid: OpenId) -> None:
    openid.unsigned = True


def by_its_public_key(openid: OpenId) -> None:
    openid.header = {"kid": "nobody's"}


FAULTS = [
    pytest.param(says(iss="https://evil.example"), id="another issuer"),
    pytest.param(says(iss=None), id="no issuer"),
    pytest.param(says(iss=["x"]), id="issuers"),
    pytest.param(says(aud="client-2"), id="another audience"),
    pytest.param(says(aud=None), id="no audience"),
    pytest.param(says(aud=[CLIENT_ID, "client-2"]), id="two audiences, no party"),
    pytest.param(says(aud=[CLIENT_ID, "client-2"], azp="client-2"), id="another party"),
    pytest.param(says(azp="client-2"), id="another party for us"),
    pytest.param(says(sub=None), id="no subject"),
    pytest.param(says(sub=""), id="empty subject"),
    pytest.param(says(sub=5), id="number as a subject"),
    pytest.param(says(sub="x" * 256), id="long subject"),
    pytest.param(says(exp=None), id="no end"),
    pytest.param(says(iat=None), id="no beginning"),
    pytest.param(says(exp="9999999999"), id="end as text"),
    pytest.param(expired, id="expired"),
    pytest.param(from_the_future, id="from the future"),
    pytest.param(other_key, id="signed by another key"),
    pytest.param(unsigned, id="not signed"),
    pytest.param(by_its_public_key, id="a key that is not there"),
]


@pytest.mark.parametrize("fault", [says(iss="https://evil.example"), other_key, unsigned])
def test_a_faulty_token_signs_nobody_in(browser: Browser, openid: OpenId, fault: Fault) -> None:
    fault(openid)
    assert error_of(browser.sign_in()) == "bad_oauth_callback"
    assert not Account.objects.exists()


@pytest.mark.parametrize("nonce", ["another", "", None, 5])
def test_a_token_with_another_nonce_signs_nobody_in(
    browser: Browser, openid: OpenId, nonce: object
) -> None:
    openid.claims = {"nonce": nonce}
    assert error_of(browser.sign_in()) == "bad_oauth_callback"


def test_a_token_for_several_clients_names_us_as_its_party(
    browser: Browser, openid: OpenId
) -> None:
    openid.claims = {"aud": [CLIENT_ID, "client-2"], "azp": CLIENT_ID}
    assert "access_token" in browser.sign_in()


def test_a_token_signed_with_the_client_secret_signs_nobody_in(
    browser: Browser, openid: OpenId, monkeypatch: pytest.MonkeyPatch
) -> None:
    from joserfc import jwt
    from joserfc.jwk import OctKey

    def symmetric(**changes: Any) -> str:
        now = seconds(0)
        claims = {"iss": openid.base, "aud": CLIENT_ID, "sub": "x", "iat": now, "exp": now + 60}
        key = OctKey.import_key("the-secret-of-client-1-made-long-enough")
        return jwt.encode({"alg": "HS256"}, {**claims, **changes}, key)

    monkeypatch.setattr(openid, "id_token", symmetric)
    assert error_of(browser.sign_in()) == "bad_oauth_callback"


def test_keys_are_read_again_for_a_new_one_and_not_for_each_unknown_one(
    browser: Browser, openid: OpenId, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lingauth.services.social import discovery

    browser.sign_in()
    openid.key = ECKey.generate_key("P-256", {"kid": "k2"})
    openid.header = {"kid": "k2"}
    assert error_of(browser.sign_in()) == "bad_oauth_callback"
    assert openid.asked.count("/jwks") == 1
    monkeypatch.setattr(discovery, "REREAD", 0.0)
    assert "access_token" in browser.sign_in()


def test_an_answer_that_names_another_issuer_is_refused(browser: Browser, openid: OpenId) -> None:
    """RFC 9207: another provider's answer, mixed up with this one's."""
    given = openid.consent(browser.leave(), iss="https://evil.example")
    assert error_of(browser.come_back(given)) == "bad_oauth_callback"


def test_an_answer_that_has_to_name_its_issuer_and_does_not_is_refused(
    browser: Browser, openid: OpenId
) -> None:
    openid.more = {"authorization_response_iss_parameter_supported": True}
    given = openid.consent(browser.leave())
    assert error_of(browser.come_back(given)) == "bad_oauth_callback"
    assert "access_token" in browser.come_back(openid.consent(browser.leave(), iss=openid.base))


def trade(app: App, **body: Any) -> Any:
    sent = {"provider": "corp", **body}
    return app.auth("POST", "token?grant_type=id_token", sent, anonymous=True)


def test_a_native_app_signs_in_by_its_own_token(
    accepted: NewBackend, app: App, openid: OpenId
) -> None:
    answer = trade(app, id_token=openid.id_token(), access_token=None, nonce=None)
    assert answer.status_code == 200, answer.content
    assert answer.json()["user"]["email"] == "ada@example.com"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_token_of_a_native_app_is_refused(
    accepted: NewBackend, app: App, openid: OpenId, fault: Fault
) -> None:
    fault(openid)
    body = refused(trade(app, id_token=openid.id_token()), 400, "validation_failed")
    assert "Bad ID token" in body["message"]


def test_a_native_apps_client_id_has_to_be_listed(
    accepted: NewBackend, app: App, openid: OpenId
) -> None:
    token = openid.id_token(aud="ios-client")
    assert "Bad ID token" in trade(app, id_token=token).json()["message"]
    accept(accepted, openid, other_client_ids=["ios-client"])
    assert trade(app, id_token=token).status_code == 200


@pytest.mark.parametrize(
    ("in_the_token", "given"),
    [
        (sha256(b"n-1").hexdigest(), "n-2"),
        (sha256(b"n-1").hexdigest(), None),
        (None, "n-1"),
        ("n-1", "n-1"),
    ],
)
def test_a_nonce_that_does_not_fit_is_refused(
    accepted: NewBackend, app: App, openid: OpenId, in_the_token: str | None, given: str | None
) -> None:
    answer = trade(app, id_token=openid.id_token(nonce=in_the_token), nonce=given)
    refused(answer, 400, "validation_failed")


def test_a_nonce_that_fits(accepted: NewBackend, app: App, openid: OpenId) -> None:
    token = openid.id_token(nonce=sha256(b"n-1").hexdigest())
    assert trade(app, id_token=token, nonce="n-1").status_code == 200


def test_a_provider_that_is_off_is_said_to_be(
    accepted: NewBackend, app: App, openid: OpenId
) -> None:
    accept(accepted, openid, is_enabled=False)
    body = refused(trade(app, id_token=openid.id_token()), 400, "validation_failed")
    assert "not enabled" in body["message"]


def test_web3_is_said_to_be_off(app: App) -> None:
    answer = app.auth("POST", "token?grant_type=web3", {"chain": "solana"}, anonymous=True)
    refused(answer, 422, "web3_provider_disabled", "Web3 provider is disabled")


def test_saml_is_said_to_be_off(app: App) -> None:
    answer = app.auth("POST", "sso", {"domain": "example.com"}, anonymous=True)
    refused(answer, 404, "saml_provider_disabled", "SAML 2.0 is disabled")
