"""What every answer of the auth API carries, right or wrong, and what none does."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lingauth.api import exceptions
from lingauth.core.errors import DomainError, Unavailable
from lingauth.services import signin
from tests.lingauth.api import contract
from tests.lingauth.api.routes import ADMIN, PRIVATE, ROUTES, WRITING, Route, label
from tests.support.app import App

pytestmark = pytest.mark.django_db

CACHEABLE = {"jwks", "openid-configuration"}
ALLOWED = (
    "Accept", "Authorization", "Content-Type", "X-Client-IP", "X-Client-Info", "X-JWT-AUD",
    "x-use-cookie", "X-Supabase-Api-Version", "apikey", "Idempotency-Key",
)  # fmt: skip


def test_the_walk_found_the_routes() -> None:
    assert {route.name for route in ROUTES} >= {
        "health", "settings", "jwks", "openid-configuration", "signup", "token", "user", "logout",
        "sessions", "session", "factors", "factor", "challenge", "verify", "recovery-codes",
        "recovery-codes-verify", "recovery-codes-regenerate", "mfa-verify",
    }  # fmt: skip
    assert len(ROUTES) >= 22


def split(value: str) -> set[str]:
    return {part.strip().lower() for part in value.split(",")}


@pytest.mark.parametrize("route", ROUTES, ids=label)
def test_answers_are_json_are_not_kept_and_may_be_read_by_scripts(app: App, route: Route) -> None:
    app.sign_up()
    for options in ({}, {"anonymous": True}, {"token": "x"}):
        answer = app.auth(route.method, route.at(), **options)
        assert answer.status_code < 500
        kept = route.name in CACHEABLE and answer.status_code == 200
        assert answer.headers["Cache-Control"] == ("public, max-age=300" if kept else "no-store")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        exposed = split(answer.headers["Access-Control-Expose-Headers"])
        assert exposed >= split(
            "X-Total-Count, Link, X-Supabase-Api-Version, Retry-After, X-Request-Id"
        )
        if answer.content:
            assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("route", PRIVATE, ids=label)
def test_without_a_token_it_is_401_everywhere_and_names_no_error(app: App, route: Route) -> None:
    for headers in ({}, {"authorization": f"Bearer {app.anon_key}"}):
        answer = app.auth(route.method, route.at(), anonymous=True, headers=headers)
        contract.refused(answer, 401, "no_authorization")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", ADMIN, ids=label)
def test_an_anon_key_is_no_admin_anywhere(app: App, route: Route) -> None:
    bearer = {"authorization": f"Bearer {app.anon_key}"}
    for headers in ({}, bearer):
        answer = app.auth(route.method, route.at(), anonymous=True, headers=headers)
        contract.refused(answer, 403, "not_admin")
    app.anon_key = ""
    answer = app.auth(route.method, route.at(), anonymous=True)
    contract.refused(answer, 401, "no_authorization")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", ROUTES, ids=label)
def test_a_preflight_is_empty_and_needs_nothing(app: App, route: Route) -> None:
    answer = app.http.options(
        f"/b/{app.ref}/auth/v1/{route.at()}",
        data="{}",
        headers={
            "origin": "https://app.example.com",
            "access-control-request-method": route.method,
            "access-control-request-headers": "apikey,authorization",
        },
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert split(answer.headers["Access-Control-Allow-Headers"]) >= split(",".join(ALLOWED))
    assert route.method.lower() in split(answer.headers["Access-Control-Allow-Methods"])


@pytest.mark.parametrize("route", ROUTES, ids=label)
def test_other_methods_are_405_and_name_the_right_ones(app: App, route: Route) -> None:
    app.sign_up()
    known = {r.method for r in ROUTES if r.at().partition("?")[0] == route.at().partition("?")[0]}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - known:
        answer = app.auth(method, route.at())
        contract.refused(answer, 405, "method_not_allowed")
        assert split(answer.headers["Allow"]) >= {m.lower() for m in known}


def test_no_header_changes_the_method(app: App) -> None:
    app.sign_up()
    answer = app.auth("POST", "user", headers={"x-http-method-override": "PUT"})
    contract.refused(answer, 405, "method_not_allowed")


@pytest.mark.parametrize(
    "path", ["", "x", "user/", "admin", "admin/x", "factors/x/y", "user%00", "../x"]
)
def test_an_unknown_address_answers_in_the_same_shape(app: App, path: str) -> None:
    for method in ("GET", "POST", "PROPFIND"):
        contract.refused(app.auth(method, path), 404, "not_found")


@pytest.mark.parametrize("route", WRITING, ids=label)
def test_another_accept_is_still_answered_in_json(app: App, route: Route) -> None:
    headers = {"accept": "text/html", "x-supabase-api-version": "2019-01-01"}
    answer = app.auth(route.method, route.at(), {}, headers=headers)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Supabase-Api-Version"] == "2024-01-01"


def test_head_is_get_without_a_body(app: App) -> None:
    app.sign_up()
    answer = app.auth("HEAD", "user")
    assert (answer.status_code, answer.content) == (200, b"")
    assert app.auth("HEAD", "user", anonymous=True).status_code == 401


def test_trouble_of_ours_says_nothing_of_us(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: Any) -> None:
        raise RuntimeError("secret at /srv/lingauth/x.py in SELECT")

    monkeypatch.setattr(signin, "with_password", fails)
    body = {"email": "ann@example.com", "password": "x"}
    answer = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    told = contract.refused(answer, 500, "unexpected_failure")
    assert told["message"] == ("Unexpected failure, please check server logs for more information")
    assert not re.search("secret|srv|SELECT|Runtime", answer.content.decode())


def test_overload_is_503_and_says_when_to_come_again(app: App, monkeypatch: Any) -> None:
    def busy(**_: Any) -> None:
        raise Unavailable(retry_after=2)

    monkeypatch.setattr(signin, "with_password", busy)
    body = {"email": "ann@example.com", "password": "x"}
    answer = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    contract.refused(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_an_error_has_hint_and_details_only_where_it_has_any() -> None:
    assert exceptions.body(DomainError("No.", code="x")) == {"code": "x", "message": "No."}
    full = DomainError("No.", code="x", hint="Do.", details={"a": 1})
    assert exceptions.body(full) == {
        "code": "x", "message": "No.", "hint": "Do.", "details": {"a": 1},
    }  # fmt: skip
