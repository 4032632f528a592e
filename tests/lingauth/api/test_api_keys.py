"""API keys on the auth API: absent is fine, wrong is not, and a service key is no browser's."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.core import clock
from lingauth.models import ApiKey
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import create, stored
from tests.lingauth.api.routes import ADMIN, PRIVATE, ROUTES, Route, label
from tests.support.app import PASSWORD, App

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def call(app: App, route: Route, key: str, **options: Any) -> Any:
    body = {
        "email": "ann@example.com",
        "password": PASSWORD,
        "refresh_token": app.session.get("refresh_token"),
    }
    headers = {"apikey": key, **options.pop("headers", {})}
    return app.auth(route.method, route.at(), body, headers=headers, **options)


@pytest.mark.parametrize("route", ROUTES, ids=label)
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_wrong_key_is_refused_on_every_route(member: App, route: Route, signed_in: bool) -> None:
    """Another backend's, a revoked one, an altered one: one answer, and nothing happens."""
    other = create("bravo")
    revoked = ApiKey.objects.create(
        backend_id=ApiKey.objects.get(value=member.anon_key).backend_id,
        role="anon",
        digest="0" * 64,
        hint="x",
        revoked_at=clock.now(),
    )
    before = stored()
    answers = [
        call(member, route, key, anonymous=not signed_in)
        for key in (
            other.anon_key, other.service_key, revoked.digest, member.anon_key[:-1],
            member.anon_key + "x", member.anon_key.upper(), "x", "lk_anon_", "a\u00e9", "x" * 4000,
        )
    ]  # fmt: skip
    for answer in answers:
        contract.refused(answer, 401, "invalid_api_key")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert len({answer.content for answer in answers}) == 1
    assert stored() == before


def test_a_key_is_not_needed(member: App) -> None:
    member.anon_key = ""
    assert member.auth("GET", "user").status_code == 200
    contract.session(member.refresh())
    member.sign_in()


def test_the_own_key_and_a_token_of_another_backend(member: App) -> None:
    other = create("bravo")
    answer = member.http.get(
        "/b/bravo/auth/v1/user",
        headers={
            "apikey": other.anon_key,
            "authorization": f"Bearer {member.session['access_token']}",
        },
    )
    contract.refused(answer, 403, "bad_jwt")


def test_a_wrong_key_is_judged_before_a_bad_token(member: App) -> None:
    answer = member.auth("GET", "user", token="x", headers={"apikey": "wrong"})
    contract.refused(answer, 401, "invalid_api_key")


@pytest.mark.parametrize("route", PRIVATE, ids=label)
def test_a_service_key_is_nobodys_session(member: App, made: NewBackend, route: Route) -> None:
    key = made.service_key
    for headers in ({}, {"authorization": f"Bearer {key}"}):
        answer = call(member, route, key, anonymous=True, headers=headers)
        contract.refused(answer, 401, "no_authorization")


@pytest.mark.parametrize("route", ADMIN, ids=label)
def test_a_service_key_beside_a_session_is_ambiguous(
    member: App, made: NewBackend, route: Route
) -> None:
    before = stored()
    answer = call(member, route, made.service_key)
    contract.refused(answer, 400, "invalid_request")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_request"'
    assert stored() == before


@pytest.mark.parametrize("route", PRIVATE, ids=label)
def test_a_service_key_makes_no_bad_token_good(member: App, made: NewBackend, route: Route) -> None:
    before = stored()
    contract.refused(call(member, route, made.service_key, token="x"), 403, "bad_jwt")
    assert stored() == before


def test_a_server_asks_with_its_key_who_a_users_token_belongs_to(
    member: App, made: NewBackend
) -> None:
    answer = member.auth("GET", "user", headers={"apikey": made.service_key})
    assert answer.json()["email"] == "ann@example.com"
    change = {"app_metadata": {"role": "root"}}
    answer = member.auth("PUT", "user", change, headers={"apikey": made.service_key})
    contract.refused(answer, 403, "not_admin")


@pytest.mark.parametrize("route", ROUTES, ids=label)
def test_a_service_key_in_a_browser_is_refused(member: App, made: NewBackend, route: Route) -> None:
    before = stored()
    headers = {"origin": "https://app.example.com"}
    answer = call(member, route, made.service_key, anonymous=True, headers=headers)
    contract.refused(answer, 403, "service_key_in_browser")
    assert stored() == before


def test_an_anon_key_as_the_only_bearer_is_no_user(member: App) -> None:
    """Without the apikey header it is a user token, and a bad one."""
    answer = member.http.get(
        "/b/acme/auth/v1/user", headers={"authorization": f"Bearer {member.anon_key}"}
    )
    contract.refused(answer, 403, "bad_jwt")


def test_service_keys_are_kept_as_digests(made: NewBackend) -> None:
    rows = ApiKey.objects.filter(backend=made.backend)
    kept = {row.role: row for row in rows}
    assert kept["anon"].value == made.anon_key
    assert kept["service"].value == ""
    assert all(made.service_key not in str(vars(row)) for row in rows)
    assert made.service_key.startswith("lk_service_")
