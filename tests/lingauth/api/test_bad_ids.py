"""Ids in addresses, on every route that takes one: whatever is not one's own is unknown."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from lingauth.models import Identity, RecoverySet, Session
from tests.lingauth.api import contract
from tests.lingauth.api.people import UNKNOWN, app_of, create, stored
from tests.lingauth.api.routes import ROUTES, Route, label
from tests.support.app import App

pytestmark = pytest.mark.django_db

WITH_ID = [route for route in ROUTES if route.takes_an_id and not route.is_admin]
BODY = {"challenge_id": UNKNOWN, "code": "123456", "friendly_name": "x", "factor_type": "totp"}
ABSENT = {"identity": 422}
"""The contract's status for an id that is nobody's, where it is not 404."""
MEANT = {"session": ("sessions", "id"), "identity": ("identities", "identity_id")}
"""Where one's own ids of the right kind are listed, and under which name."""
NO_IDS = (
    "x", "0", "-1", "null", "undefined", "%00", "%FF", "%ED%A0%80", "..%2f..", "' OR 1=1 --",
    "%F0%9F%98%80", "x" * 3000, UNKNOWN + "0", UNKNOWN[:-1], "{}", "*", "%20" + UNKNOWN,
)  # fmt: skip


def full(app: App, email: str) -> App:
    """An account that has one of everything."""
    app.sign_up(email)
    app.reach_aal2()
    assert app.auth("POST", "factors/recovery-codes").status_code == 200
    return app


def ids_of(app: App) -> list[str]:
    """Every id that belongs to the app's account, of whatever kind."""
    account = app.session["user"]["id"]
    factors = [factor["id"] for factor in app.auth("GET", "user").json()["factors"]]
    challenge = app.auth("POST", f"factors/{factors[0]}/challenge").json()["id"]
    sets = RecoverySet.objects.filter(account__uuid=account).values_list("uuid", flat=True)
    sessions = Session.objects.filter(account__uuid=account).values_list("pk", flat=True)
    identities = Identity.objects.filter(account__uuid=account).values_list("uuid", flat=True)
    return [account, *factors, challenge, *map(str, [*sets, *sessions, *identities])]


@pytest.fixture
def member(app: App) -> App:
    return full(app, "ann@example.com")


def call(app: App, route: Route, id: str) -> Any:
    return app.auth(route.method, route.at(id), BODY)


@pytest.mark.parametrize("route", WITH_ID, ids=label)
def test_ids_of_others_answer_like_random_ones(member: App, route: Route) -> None:
    neighbour = full(App(member.ref, member.anon_key), "bob@example.com")
    foreign = full(app_of(create("bravo")), "ann@example.com")
    others = [*ids_of(neighbour), *ids_of(foreign)]
    before = stored()
    random = call(member, route, str(uuid4()))
    status = ABSENT.get(route.name, 404)
    contract.refused(random, status, random.json()["code"])
    for id in others:
        answer = call(member, route, id)
        assert (answer.status_code, answer.content) == (status, random.content), id
        assert contract.headers(answer) == contract.headers(random)
    assert stored() == before


@pytest.mark.parametrize("route", WITH_ID, ids=label)
def test_ones_own_ids_of_another_kind_answer_like_random_ones(member: App, route: Route) -> None:
    own = ids_of(member)
    meant, name = MEANT.get(route.name, ("factors", "id"))
    listed = member.auth("GET", "sessions" if meant == "sessions" else "user").json()[meant]
    before = stored()
    random = call(member, route, str(uuid4()))
    for id in set(own) - {row[name] for row in listed}:
        answer = call(member, route, id)
        status = ABSENT.get(route.name, 404)
        assert (answer.status_code, answer.content) == (status, random.content), id
    assert stored() == before


@pytest.mark.parametrize("route", WITH_ID, ids=label)
def test_what_is_no_id(member: App, route: Route) -> None:
    before = stored()
    for id in NO_IDS:
        answer = call(member, route, id)
        assert answer.status_code == 404, (id, answer.content)
        contract.refused(answer, 404, answer.json()["code"])
    assert stored() == before


@pytest.mark.parametrize("ref", ["nobody", "ACME", "acme-", "0", "x" * 300, "_"])
def test_an_unknown_backend(app: App, ref: str) -> None:
    app.sign_up("ann@example.com")
    mine, app.ref = app.session["refresh_token"], ref
    for route in ROUTES:
        body = {"email": "ann@example.com", "password": "x", "refresh_token": mine}
        contract.refused(app.auth(route.method, route.at(), body), 404, "not_found")
