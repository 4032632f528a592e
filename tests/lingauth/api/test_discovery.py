"""``health``, ``settings``, the key set and the issuer's metadata (auth-wire 1.5, 1.10)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import jwt
import pytest

from lingauth import __version__
from lingauth.core import clock
from lingauth.models import SigningKey
from lingauth.services import keys
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import TESTS, app_of, change, create, frozen
from tests.support.app import App

pytestmark = pytest.mark.django_db

JWKS = ".well-known/jwks.json"
OPENID = ".well-known/openid-configuration"
PUBLIC = "public, max-age=300"


def keys_of(app: App) -> list[dict[str, Any]]:
    answer = app.auth("GET", JWKS, anonymous=True, headers={"apikey": app.anon_key})
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()["keys"]
    return rows


def verified(token: str, rows: list[dict[str, Any]], ref: str = "acme") -> dict[str, Any]:
    """What a verifier of somebody else's makes of a token, by the published keys alone."""
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(row for row in jwt.PyJWKSet(rows).keys if row.key_id == kid)
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=["ES256"],
        audience="authenticated",
        issuer=f"http://127.0.0.1:8000/b/{ref}/auth/v1",
        options={"require": ["exp", "iat", "sub"]},
    )
    return claims


def test_health(app: App) -> None:
    answer = app.auth("GET", "health", anonymous=True)
    assert answer.status_code == 200
    assert answer.json().keys() == {"version", "name", "description"}
    assert answer.json()["version"] == __version__


def test_settings(app: App, made: NewBackend) -> None:
    told = app.auth("GET", "settings", anonymous=True).json()
    assert told == {
        "external": {
            "email": True,
            "phone": False,
            "anonymous_users": False,
            "apple": False,
            "azure": False,
            "github": False,
            "gitlab": False,
            "google": False,
            "keycloak": False,
        },
        "disable_signup": False,
        "mailer_autoconfirm": True,
        "phone_autoconfirm": False,
        "sms_provider": "",
        "saml_enabled": False,
        "passkeys_enabled": False,
        "mfa_mode": "optional",
    }
    change(made, signup_enabled=False, auto_confirm=False, mfa_mode="required")
    told = app.auth("GET", "settings", anonymous=True).json()
    assert told["disable_signup"]
    assert not told["mailer_autoconfirm"]
    assert told["mfa_mode"] == "required"


def test_the_key_set_may_be_kept_and_holds_nothing_private(app: App) -> None:
    answer = app.auth("GET", JWKS, anonymous=True)
    assert answer.headers["Cache-Control"] == PUBLIC
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json().keys() == {"keys"}
    (key,) = answer.json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use", "key_ops"}
    assert (key["kty"], key["crv"], key["alg"]) == ("EC", "P-256", "ES256")
    assert (key["use"], key["key_ops"]) == ("sig", ["verify"])


def test_no_key_is_of_two_backends(app: App) -> None:
    other = app_of(create("bravo"))
    kids = [{key["kid"] for key in keys_of(a)} for a in (app, other)]
    assert kids[0].isdisjoint(kids[1])


def test_a_token_can_be_verified_by_the_published_key_alone(app: App) -> None:
    app.sign_up("ann@example.com")
    token = app.session["access_token"]
    header = jwt.get_unverified_header(token)
    assert header.keys() == {"alg", "typ", "kid"}
    assert (header["alg"], header["typ"]) == ("ES256", "at+jwt")
    claims = verified(token, keys_of(app))
    assert claims.keys() == {
        "iss", "sub", "aud", "exp", "iat", "session_id", "role", "aal", "amr", "is_anonymous",
    }  # fmt: skip
    assert claims["sub"] == app.session["user"]["id"]
    assert (claims["aud"], claims["role"]) == ("authenticated", "authenticated")
    assert claims["exp"] - claims["iat"] == 300
    assert claims["exp"] == app.session["expires_at"]
    assert UUID(claims["session_id"])
    assert claims["aal"] == "aal1"
    assert claims["amr"] == [{"method": "password", "timestamp": claims["iat"]}]
    assert claims["is_anonymous"] is False


def test_after_a_code_the_token_says_so(app: App) -> None:
    with frozen() as moved:
        app.sign_up("ann@example.com")
        signed_in = int(clock.now().timestamp())
        moved.shift(7)
        app.reach_aal2(clock.now().timestamp())
        claims = verified(app.session["access_token"], keys_of(app))
        assert claims["aal"] == "aal2"
        assert claims["amr"] == [
            {"method": "totp", "timestamp": signed_in + 7},
            {"method": "password", "timestamp": signed_in},
        ]
        moved.shift(3600)
        app.keep(app.refresh())
        claims = verified(app.session["access_token"], keys_of(app))
        assert (claims["aal"], len(claims["amr"])) == ("aal1", 1)


@pytest.mark.parametrize("names", [["email"], ["phone", "user_metadata"], ["app_metadata"]])
def test_a_backend_may_ask_for_more_claims(app: App, made: NewBackend, names: list[str]) -> None:
    change(made, token_claims=names, access_token_ttl=120)
    app.sign_up("ann@example.com")
    claims = verified(app.session["access_token"], keys_of(app))
    more = {"email", "phone", "user_metadata", "app_metadata"} & claims.keys()
    assert more == set(names)
    assert claims["exp"] - claims["iat"] == app.session["expires_in"] == 120


def test_a_key_is_published_before_it_signs_and_after(app: App, made: NewBackend) -> None:
    with frozen() as moved:
        app.sign_up("ann@example.com")
        old = jwt.get_unverified_header(app.session["access_token"])["kid"]
        new = keys.rotate(backend=made.backend, actor=TESTS).kid
        assert {key["kid"] for key in keys_of(app)} == {old, new}
        app.keep(app.refresh())
        assert jwt.get_unverified_header(app.session["access_token"])["kid"] == old
        moved.shift(299)
        app.keep(app.refresh())
        before = app.session["access_token"]
        moved.shift(1)
        app.keep(app.refresh())
        assert jwt.get_unverified_header(app.session["access_token"])["kid"] == new
        for token in (before, app.session["access_token"]):
            assert verified(token, keys_of(app))
            assert app.auth("GET", "user", token=token).status_code == 200
        moved.shift(3600 + 300 + 10)
        assert [key["kid"] for key in keys_of(app)] == [new]


def test_a_revoked_key_is_gone_at_once(app: App, made: NewBackend) -> None:
    app.sign_up("ann@example.com")
    old = SigningKey.objects.get(backend=made.backend)
    new = keys.revoke(backend=made.backend, kid=old.kid, actor=TESTS)
    assert [key["kid"] for key in keys_of(app)] == [new.kid]
    contract.refused(app.auth("GET", "user"), 403, "bad_jwt")
    assert app.data().status_code == 401
    app.keep(app.refresh())
    assert app.auth("GET", "user").status_code == 200


def test_the_metadata_of_the_issuer(app: App) -> None:
    answer = app.auth("GET", OPENID, anonymous=True)
    assert answer.headers["Cache-Control"] == PUBLIC
    told = answer.json()
    assert told["issuer"] == "http://127.0.0.1:8000/b/acme/auth/v1"
    assert told["jwks_uri"] == f"{told['issuer']}/{JWKS}"
    assert told["id_token_signing_alg_values_supported"] == ["ES256"]
    assert set(told["grant_types_supported"]) == {"password", "refresh_token"}


@pytest.mark.parametrize("path", ["health", "settings", JWKS, OPENID])
def test_no_key_is_needed_and_a_wrong_host_changes_no_address(app: App, path: str) -> None:
    url = f"/b/acme/auth/v1/{path}"
    plain = app.http.get(url)
    assert plain.status_code == 200
    forwarded = app.http.get(url, headers={"x-forwarded-host": "evil.example", "host": "localhost"})
    assert forwarded.content == plain.content
    assert app.http.get(f"/b/nobody/auth/v1/{path}").status_code == 404
