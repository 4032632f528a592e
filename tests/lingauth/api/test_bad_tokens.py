"""Expired and forged access tokens of every kind (security 1.7): refused on every route that asks
who is there, and nothing changes. The list has names, so that a failure says which one got in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from lingauth.core import clock
from tests.lingauth.api import contract, forge
from tests.lingauth.api.forge import claim, document, duplicated, header, spelt, unsigned, without
from tests.lingauth.api.people import UNKNOWN, app_of, beside, create, frozen, stored
from tests.lingauth.api.routes import PRIVATE, Route, label
from tests.support.app import App

pytestmark = pytest.mark.django_db

ISS = "http://127.0.0.1:8000/b/acme/auth/v1"
NAMES = (
    "iss", "sub", "aud", "exp", "iat", "session_id", "role", "aal", "amr", "is_anonymous",
)  # fmt: skip
DEEP = b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}"

FORGED: dict[str, forge.Forge] = {
    "alg none": unsigned("none"),
    "alg none with a signature": unsigned("none", "AAAA"),
    "alg nOnE": unsigned("nOnE"),
    "alg ES256 without a signature": unsigned("ES256"),
    "alg ES256 with zeros": unsigned("ES256", "A" * 86),
    "alg HS256 with the public key": forge.with_public_key_as_secret,
    "alg RS256": header(alg="RS256"),
    "alg ES384": header(alg="ES384"),
    "alg es256": header(alg="es256"),
    "alg missing": header(alg=...),
    "alg a list": header(alg=["ES256"]),
    "kid unknown": header(kid="x" * 43),
    "kid missing": header(kid=...),
    "kid null": header(kid=None),
    "kid a number": header(kid=1),
    "kid a list": header(kid=["a"]),
    "kid empty": header(kid=""),
    "kid long": header(kid="k" * 3000),
    "kid NUL": header(kid="\x00"),
    "kid lone surrogate": header(kid="\ud800"),
    "kid a path": header(kid="../../../etc/passwd"),
    "kid an address": header(kid="https://evil.example/key"),
    "kid SQL": header(kid="' OR 1=1 --"),
    "typ JWT": header(typ="JWT"),
    "typ at+JWT": header(typ="at+JWT"),
    "typ application/at+jwt": header(typ="application/at+jwt"),
    "typ refresh+jwt": header(typ="refresh+jwt"),
    "typ missing": header(typ=...),
    "typ null": header(typ=None),
    "jku": header(jku="https://evil.example/jwks.json"),
    "jwk": header(jwk={"kty": "EC"}),
    "a key of its own": forge.by_own_key,
    "x5u": header(x5u="https://evil.example/x.pem"),
    "x5c": header(x5c=["MIIB"]),
    "crit": header(crit=["exp"], exp=0),
    "crit empty": header(crit=[]),
    "b64": header(b64=False),
    "cty": header(cty="JWT"),
    "zip": header(zip="DEF"),
    "bravo's key, bravo's kid, our issuer": forge.by_another_key("bravo", "acme"),
    "bravo's key, our kid, our issuer": forge.by_another_key("acme", "acme"),
    "bravo's key, bravo's kid, bravo's issuer": forge.by_another_key("bravo", "bravo"),
    "iss with a slash": claim("iss", ISS + "/"),
    "iss shortened": claim("iss", ISS[:-1]),
    "iss upper case": claim("iss", ISS.upper()),
    "iss by another scheme": claim("iss", ISS.replace("http:", "https:")),
    "iss of bravo": claim("iss", ISS.replace("acme", "bravo")),
    "iss a list": claim("iss", [ISS]),
    "aud a list": claim("aud", ["authenticated"]),
    "aud shortened": claim("aud", "authenticate"),
    "aud upper case": claim("aud", "AUTHENTICATED"),
    "aud with a space": claim("aud", "authenticated "),
    "aud another": claim("aud", "anon"),
    **{f"{name} missing": without(name) for name in NAMES},
    **{f"{name} null": claim(name, None) for name in NAMES},
    "exp text": claim("exp", "9999999999"),
    "exp a fraction": claim("exp", 9999999999.5),
    "exp true": claim("exp", True),
    "exp a list": claim("exp", [9999999999]),
    "exp huge": claim("exp", 10**30),
    "exp negative": claim("exp", -1),
    "exp zero": claim("exp", 0),
    "iat text": claim("iat", "1"),
    "iat a fraction": claim("iat", 1.5),
    "sub a number": claim("sub", 5),
    "sub no uuid": claim("sub", "1234567890"),
    "sub empty": claim("sub", ""),
    "sub nobody": claim("sub", UNKNOWN),
    "session_id a number": claim("session_id", 5),
    "session_id no uuid": claim("session_id", "x"),
    "session_id NUL": claim("session_id", "\x00" * 36),
    "session_id lone surrogate": claim("session_id", "\ud800" * 32),
    "role a list": claim("role", ["authenticated"]),
    "aal unknown": claim("aal", "aal3"),
    "aal upper case": claim("aal", "AAL2"),
    "aal a number": claim("aal", 2),
    "amr text": claim("amr", "password"),
    "amr an object": claim("amr", {}),
    "is_anonymous text": claim("is_anonymous", "false"),
    "is_anonymous a number": claim("is_anonymous", 0),
    "aal twice": duplicated("aal", "aal2"),
    "sub twice": duplicated("sub", UNKNOWN),
    "claims an array": document(b"[]"),
    "claims text": document(b'"x"'),
    "claims no JSON": document(b"{"),
    "claims deep": document(DEEP),
    "claims NaN": document(b'{"exp":NaN}'),
    "claims not UTF-8": document(b'{"exp":"\xff"}'),
    "claims with a huge number": document(b'{"exp":' + b"9" * 2500 + b"}"),
    "more than 4 KiB": claim("more", "x" * 4096),
    "padded by two": spelt(lambda token: token + "=="),
    "padded by one": spelt(lambda token: token + "="),
    "padded inside": spelt(lambda token: token.replace(".", "=.", 1)),
    "another last letter": forge.other_spelling,
    "DER signature": forge.der_signature,
    "altered signature": spelt(lambda token: token[:-10] + "A" * 10),
    "cut": spelt(lambda token: token[:-1]),
    "two parts": spelt(lambda token: token.rpartition(".")[0]),
    "four parts": spelt(lambda token: token + ".AAAA"),
    "five parts": spelt(lambda token: token + ".AAAA.AAAA"),
    "an empty part": spelt(lambda token: token.replace(".", "..", 1)),
    "a space inside": spelt(lambda token: token.replace(".", ". ", 1)),
    "plain base64": spelt(lambda token: token.replace(".", "+/.", 1)),
    "not ASCII": spelt(lambda token: token + "\u00e9"),
    "no token at all": spelt(lambda token: "x"),
}


@pytest.fixture
def member(app: App) -> App:
    create("bravo")
    app.sign_up("ann@example.com")
    app.reach_aal2()
    return app


def what_is_wrong(answer: Any, status: int, code: str) -> str | None:
    """How an answer differs from the refusal; None if it is it."""
    told = answer.json() if answer.content else {}
    if (answer.status_code, told.get("code")) != (status, code):
        return f"{answer.status_code} {told}"
    return None if "error=" in answer.headers["WWW-Authenticate"] else "no error in the header"


def refused_everywhere(app: App, token: str, code: str = "bad_jwt") -> None:
    before = stored()
    for route in PRIVATE:
        answer = app.auth(route.method, route.at(), {}, token=token)
        assert what_is_wrong(answer, 403, code) is None, route
        assert token not in contract.refused(answer, 403, code)["message"]
    assert stored() == before
    assert what_is_wrong(app.data(token=token), 401, "invalid_token") is None


@pytest.mark.parametrize("route", PRIVATE, ids=label)
def test_forged(member: App, route: Route) -> None:
    genuine = member.session["access_token"]
    made = {name: make(genuine) for name, make in FORGED.items()}
    assert genuine not in made.values()
    before = stored()
    got_in = {}
    for name, token in made.items():
        answer = member.auth(route.method, route.at(), {}, token=token)
        if wrong := what_is_wrong(answer, 403, "bad_jwt"):
            got_in[name] = wrong
    assert got_in == {}
    assert stored() == before
    assert member.auth("GET", "user").status_code == 200


def test_forged_and_data(member: App) -> None:
    """Nor does one fall back to what anybody may read."""
    got_in = {}
    for name, make in FORGED.items():
        answer = member.data(token=make(member.session["access_token"]))
        if wrong := what_is_wrong(answer, 401, "invalid_token"):
            got_in[name] = wrong
    assert got_in == {}


def test_the_forger_can_make_a_good_one(member: App) -> None:
    """Or the tests above would prove nothing."""
    token = claim("aal", "aal1")(member.session["access_token"])
    assert member.auth("GET", "user", token=token).status_code == 200
    assert member.data(token=token).status_code == 200


@pytest.mark.parametrize(("late", "good"), [(0, True), (9, True), (10, False), (3600, False)])
def test_an_expired_one_with_ten_seconds_of_leeway(member: App, late: int, good: bool) -> None:
    with frozen() as moved:
        member.keep(member.refresh())
        moved.shift(member.session["expires_in"] + late)
        if good:
            assert member.auth("GET", "user").status_code == 200
        else:
            refused_everywhere(member, member.session["access_token"])


@pytest.mark.parametrize(("early", "good"), [(10, True), (11, False), (3600, False)])
def test_one_of_the_future(member: App, early: int, good: bool) -> None:
    with frozen():
        member.keep(member.refresh())
        now = int(clock.now().timestamp())
        token = claim("iat", now + early)(member.session["access_token"])
        assert (member.auth("GET", "user", token=token).status_code == 200) is good


def test_somebody_elses_session_or_account_in_a_good_token(member: App) -> None:
    other = App(member.ref, member.anon_key)
    other.sign_up("bob@example.com")
    mine = forge.parts(member.session["access_token"])[1]
    theirs = forge.parts(other.session["access_token"])[1]
    for name in ("sub", "session_id"):
        refused_everywhere(member, claim(name, theirs[name])(member.session["access_token"]))
    assert mine["session_id"] != theirs["session_id"]


@pytest.mark.parametrize("how", ["signed out", "never there", "other backend's"])
def test_a_good_token_of_no_session(member: App, how: str) -> None:
    if how == "signed out":
        other = beside(member)
        token = other.session["access_token"]
        other.auth("POST", "logout?scope=local")
    elif how == "never there":
        token = claim("session_id", str(uuid4()))(member.session["access_token"])
    else:
        foreign = app_of(create("charly"))
        foreign.sign_up("ann@example.com")
        theirs = forge.parts(foreign.session["access_token"])[1]["session_id"]
        token = claim("session_id", theirs)(member.session["access_token"])
    refused_everywhere(member, token, "session_not_found")


def test_what_is_no_access_token_is_none_as_a_bearer(member: App) -> None:
    for token in (member.session["refresh_token"], create("charly").service_key):
        refused_everywhere(member, token)


@pytest.mark.parametrize("value", ["Basic dTpw", "Token x", "Bearer", "Bearer ", "x", "Bearer\tx"])
def test_an_authorization_that_is_no_bearer(member: App, value: str) -> None:
    for route in PRIVATE:
        headers = {"authorization": value}
        answer = member.auth(route.method, route.at(), {}, anonymous=True, headers=headers)
        contract.refused(answer, 401, "no_authorization")
    data = member.data(anonymous=True, headers={"authorization": value})
    assert (data.status_code, data.json()["code"]) == (401, "invalid_token")


def test_the_word_bearer_in_any_case(member: App) -> None:
    for word in ("bearer", "BEARER", "Bearer "):
        headers = {"authorization": f"{word} {member.session['access_token']}"}
        answer = member.auth("GET", "user", anonymous=True, headers=headers)
        assert answer.status_code == 200


@pytest.mark.parametrize("also", [True, False])
def test_a_token_in_the_address_is_refused(member: App, also: bool) -> None:
    before = stored()
    query = f"?access_token={member.session['access_token']}"
    for route in PRIVATE:
        answer = member.auth(route.method, route.at() + query, {}, anonymous=not also)
        contract.refused(answer, 400, "invalid_request")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_request"'
    assert stored() == before


@pytest.mark.parametrize("second", ["x", "{same}", "", "Basic x"])
def test_two_authorizations_are_ambiguous(member: App, second: str) -> None:
    token = member.session["access_token"]
    value: Any = f"Bearer {token}, Bearer {second.format(same=token)}"
    before = stored()
    for route in PRIVATE:
        headers = {"authorization": value}
        answer = member.auth(route.method, route.at(), {}, anonymous=True, headers=headers)
        contract.refused(answer, 400, "invalid_request")
    assert stored() == before
