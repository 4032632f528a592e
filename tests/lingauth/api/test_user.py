"""``GET user`` and ``PUT user`` (auth-wire 1.8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from lingauth.models import Account, Event, Session
from tests.lingauth.api import contract
from tests.lingauth.api.people import beside, frozen, prove, stored
from tests.support.app import PASSWORD, App

pytestmark = pytest.mark.django_db

NEW = "another battery staple"
BEYOND = timedelta(minutes=10, seconds=1)


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def put(app: App, **body: Any) -> Any:
    return app.auth("PUT", "user", body)


def test_it_is_the_user_that_signed_in(member: App) -> None:
    answer = member.auth("GET", "user")
    assert answer.status_code == 200
    assert contract.user(answer.json()) == member.session["user"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_factors_are_told_as_they_are_and_without_their_secret(member: App) -> None:
    made = member.enroll("Phone")
    listed = contract.user(member.auth("GET", "user").json())["factors"]
    assert [(f["id"], f["status"], f["friendly_name"]) for f in listed] == [
        (made["id"], "unverified", "Phone")
    ]
    assert member.secret not in member.auth("GET", "user").content.decode()


def test_a_set_up_that_ran_out_is_no_longer_told(member: App) -> None:
    with frozen() as moved:
        member.sign_in()
        member.enroll()
        moved.shift(timedelta(minutes=10))
        member.keep(member.refresh())
        assert "factors" not in member.auth("GET", "user").json()


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_without_a_token_it_is_401(member: App, method: str) -> None:
    answer = member.auth(method, "user", anonymous=True)
    message = "This endpoint requires a valid Bearer token"
    contract.refused(answer, 401, "no_authorization", message)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_data_is_merged_and_null_removes(member: App) -> None:
    put(member, data={"a": 1, "b": {"c": 2}, "keep": "x"})
    answer = put(member, data={"a": None, "b": {"d": 3}})
    assert answer.status_code == 200
    user = contract.user(answer.json())
    assert "a" not in user["user_metadata"]
    assert user["user_metadata"]["b"] == {"d": 3}
    assert user["user_metadata"]["keep"] == "x"
    assert member.auth("GET", "user").json()["user_metadata"] == user["user_metadata"]


@pytest.mark.parametrize(
    "data",
    [{"a": "x" * 16384}, dict.fromkeys((f"k{n}" for n in range(65)), 0), ["a"], "a", 1, True],
)
def test_data_has_bounds(member: App, data: Any) -> None:
    before = stored()
    contract.refused(put(member, data=data), 400, "validation_failed")
    assert stored() == before


def test_everything_may_be_null_and_what_is_unknown_is_ignored(member: App) -> None:
    before = member.auth("GET", "user").json()
    answer = put(
        member,
        email=None,
        phone=None,
        password=None,
        data=None,
        app_metadata=None,
        nonce=None,
        role="service_role",
        email_confirmed_at=None,
        is_staff=True,
    )
    assert answer.status_code == 200
    assert answer.json() | {"updated_at": ""} == before | {"updated_at": ""}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"app_metadata": {"admin": True}}, 403, "not_admin"),
        ({"app_metadata": {}}, 403, "not_admin"),
        ({"phone": "+491511"}, 400, "phone_provider_disabled"),
        ({"email": "no address"}, 400, "validation_failed"),
        ({"password": PASSWORD}, 422, "same_password"),
        ({"password": "short"}, 422, "weak_password"),
        ({"password": "ann@example.com"}, 422, "weak_password"),
        ({"password": ""}, 400, "validation_failed"),
        ({"password": "x" * 257}, 400, "validation_failed"),
        ({"password": NEW, "current_password": "wrong"}, 400, "current_password_invalid"),
    ],
)
def test_what_cannot_be_changed(member: App, body: dict[str, Any], status: int, code: str) -> None:
    before = stored()
    contract.refused(put(member, **body), status, code)
    assert stored() == before


def test_the_own_address_given_again_is_no_change(member: App) -> None:
    assert put(member, email="ann@example.com").status_code == 200


def test_a_new_password_ends_the_other_sessions_and_tells_the_owner(member: App) -> None:
    other = beside(member)
    answer = put(member, password=NEW)
    assert answer.status_code == 200
    contract.user(answer.json())
    contract.refused(other.auth("GET", "user"), 403, "session_not_found")
    contract.refused(other.refresh(), 400, "refresh_token_not_found")
    assert member.auth("GET", "user").status_code == 200
    contract.session(member.refresh())
    assert [m.to for m in mail.outbox] == [["ann@example.com"]]
    assert Event.objects.filter(kind="password_changed").count() == 1
    member.sign_in(NEW)
    body = {"email": member.email, "password": PASSWORD}
    answer = member.auth("POST", "token?grant_type=password", body, anonymous=True)
    contract.refused(answer, 400, "invalid_credentials")


def test_after_ten_minutes_the_current_password_is_asked_for(member: App) -> None:
    with frozen() as moved:
        member.sign_in()
        moved.shift(BEYOND)
        member.keep(member.refresh())
        contract.refused(put(member, password=NEW), 400, "reauthentication_needed")
        answer = put(member, password=NEW, current_password="not it")
        contract.refused(answer, 400, "current_password_invalid")
        assert put(member, password=NEW, current_password=PASSWORD).status_code == 200


def test_guesses_at_the_current_password_count_like_those_at_sign_in(member: App) -> None:
    for _ in range(10):
        put(member, password=NEW, current_password="not it")
    answer = put(member, password=NEW, current_password=PASSWORD)
    contract.refused(answer, 429, "over_request_rate_limit")
    body = {"email": member.email, "password": PASSWORD}
    answer = member.auth("POST", "token?grant_type=password", body, anonymous=True)
    contract.refused(answer, 429, "over_request_rate_limit")


def test_with_a_factor_a_password_needs_a_fresh_code(member: App) -> None:
    with frozen() as moved:
        member.reach_aal2()
        member.sign_in()
        message = "AAL2 session is required to update email or password when MFA is enabled."
        for extra in ({}, {"current_password": PASSWORD}):
            answer = put(member, password=NEW, **extra)
            contract.refused(answer, 401, "insufficient_aal", message)
        assert put(member, data={"a": 1}).status_code == 200
        prove(member, moved)
        moved.shift(BEYOND)
        member.keep(member.refresh())
        contract.refused(put(member, password=NEW), 401, "insufficient_aal")
        prove(member, moved)
        assert put(member, password=NEW).status_code == 200


def test_somebody_elses_row_is_never_touched(member: App, app: App) -> None:
    other = App(app.ref, app.anon_key)
    other.sign_up("bob@example.com")
    put(other, data={"id": member.session["user"]["id"], "sub": member.session["user"]["id"]})
    put(other, password=NEW)
    assert Account.objects.get(email="ann@example.com").user_metadata["email"] == "ann@example.com"
    assert Session.objects.filter(ended_at=None).count() == 2
    member.sign_in()
