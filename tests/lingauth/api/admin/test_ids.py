"""Ids in addresses of the service key's routes: whatever is not the backend's own is unknown."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from lingauth.models import Session
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import app_of, create, stored
from tests.lingauth.api.routes import ADMIN, Route, label
from tests.lingauth.api.test_bad_ids import NO_IDS, full, ids_of
from tests.support.app import App
from tests.support.statements import counted

pytestmark = [pytest.mark.django_db, pytest.mark.once]

WITH_ID = [route for route in ADMIN if route.takes_an_id]
BODY = {"friendly_name": "x", "password": "another horse battery", "should_soft_delete": True}


@pytest.fixture
def member(app: App) -> App:
    return full(app, "ann@example.com")


@pytest.fixture
def foreign(made: NewBackend) -> App:
    """The same address at another backend, with one of everything."""
    return full(app_of(create("bravo")), "ann@example.com")


def call(server: Server, route: Route, user: str, factor: str = "") -> Any:
    path = route.path.replace("<user_id>", user).replace("<factor_id>", factor)
    return server.call(route.method, path, BODY)


def test_the_routes_were_found() -> None:
    assert len(WITH_ID) == 6


@pytest.mark.parametrize("route", WITH_ID, ids=label)
def test_ids_of_another_backend_answer_like_random_ones(
    server: Server, member: App, foreign: App, route: Route
) -> None:
    """As users' ids, and as factors' ids of the backend's own user; at the same cost."""
    own = str(member.session["user"]["id"])
    server.get(own)  # the use of the key is noted, once for all that follows
    before = stored()
    users = [str(uuid4()), *ids_of(foreign)]
    pairs = [[(user, users[1]) for user in users]]
    if "<factor_id>" in route.path:
        pairs.append([(own, factor) for factor in users])
    for same in pairs:
        answers = []
        for user, factor in same:
            with counted() as statements:
                answer = call(server, route, user, factor)
            answers.append((answer.status_code, answer.content, len(statements)))
        assert len(set(answers)) == 1, answers
        assert answers[0][0] == 404
    foreign_rows = stored()
    assert foreign_rows == before | {
        # ``ids_of`` asked for a challenge, which is noted
        "lingauth.TotpFactor": foreign_rows["lingauth.TotpFactor"],
    }
    assert Session.objects.filter(ended_at=None).count() == 2


@pytest.mark.parametrize("route", WITH_ID, ids=label)
def test_own_ids_of_another_kind_answer_like_random_ones(
    server: Server, member: App, route: Route
) -> None:
    own = str(member.session["user"]["id"])
    factors = {row["id"] for row in member.auth("GET", "user").json()["factors"]}
    for id in ids_of(member):
        if "<factor_id>" in route.path and id not in factors:
            contract.refused(call(server, route, own, id), 404, "mfa_factor_not_found")
        if id != own:
            contract.refused(call(server, route, id, own), 404, "user_not_found")


@pytest.mark.parametrize("route", WITH_ID, ids=label)
def test_what_is_no_id(server: Server, member: App, route: Route) -> None:
    own = str(member.session["user"]["id"])
    before = stored()
    for id in (*NO_IDS, f"{{{own}}}", own.replace("-", ""), f"urn:uuid:{own}"):
        answer = call(server, route, id, own)
        assert answer.status_code == 404, (id, answer.content)
        if "<factor_id>" in route.path:
            assert call(server, route, own, id).status_code == 404, id
    assert stored() == before
