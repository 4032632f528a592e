"""Expired and forged access tokens of every kind (security 1.7): refused on every route that asks
who is there, and nothing changes. The list has names, so that a failure says which one got in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from lingauth.core import clock
from tests.lingauth.api import contract, forge
from tests.lingauth.api.forge import claim
from tests.lingauth.api.forged import FORGED
from tests.lingauth.api.people import app_of, beside, create, frozen, stored
from tests.lingauth.api.routes import GUARDED, Route, label
from tests.support.app import App

pytestmark = pytest.mark.django_db


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
    for route in GUARDED:
        answer = app.auth(route.method, route.at(), {}, token=token)
        assert what_is_wrong(answer, 403, code) is None, route
        assert token not in contract.refused(answer, 403, code)["message"]
    assert stored() == before
    assert what_is_wrong(app.data(token=token), 401, "invalid_token") is None


@pytest.mark.parametrize("route", GUARDED, ids=label)
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
    for route in GUARDED:
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
    for route in GUARDED:
        answer = member.auth(route.method, route.at() + query, {}, anonymous=not also)
        contract.refused(answer, 400, "invalid_request")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_request"'
    assert stored() == before


@pytest.mark.parametrize("second", ["x", "{same}", "", "Basic x"])
def test_two_authorizations_are_ambiguous(member: App, second: str) -> None:
    token = member.session["access_token"]
    value: Any = f"Bearer {token}, Bearer {second.format(same=token)}"
    before = stored()
    for route in GUARDED:
        headers = {"authorization": value}
        answer = member.auth(route.method, route.at(), {}, anonymous=True, headers=headers)
        contract.refused(answer, 400, "invalid_request")
    assert stored() == before
