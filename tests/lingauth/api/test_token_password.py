"""``POST token?grant_type=password`` (auth-wire 1.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from lingauth.core import clock
from lingauth.models import Account, Session
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import app_of, change, create, stored
from tests.support.app import PASSWORD, App

pytestmark = pytest.mark.django_db


def sign_in(app: App, **body: Any) -> Any:
    sent = {"email": app.email, "password": PASSWORD, **body}
    return app.auth("POST", "token?grant_type=password", sent, anonymous=True)


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def test_it_is_a_session_at_aal1(member: App) -> None:
    answer = contract.session(sign_in(member, gotrue_meta_security={"captcha_token": None}))
    assert answer["expires_in"] == 300
    assert answer["user"]["last_sign_in_at"]
    assert Session.objects.count() == 2


def test_an_account_with_a_factor_signs_in_at_aal1_and_sees_its_factors(member: App) -> None:
    member.reach_aal2()
    answer = contract.session(sign_in(member))
    assert [f["status"] for f in answer["user"]["factors"]] == ["verified"]
    assert member.auth("GET", "sessions", token=answer["access_token"]).json()["sessions"][0][
        "aal"
    ] == "aal1"  # fmt: skip


def test_a_password_below_todays_rules_still_works_and_is_called_weak(
    member: App, made: NewBackend
) -> None:
    assert "weak_password" not in sign_in(member).json()
    change(made, password_min_length=40)
    told = sign_in(member).json()["weak_password"]
    assert told == {"message": "Password should be at least 40 characters.", "reasons": ["length"]}


def test_unknown_wrong_and_foreign_answer_the_same(member: App, made: NewBackend) -> None:
    other = app_of(create("bravo"))
    other.email = member.email
    answers = [
        sign_in(member, password="not the password"),
        sign_in(member, email="nobody@example.com"),
        sign_in(other),
    ]
    for answer in answers:
        contract.refused(answer, 400, "invalid_credentials", "Invalid login credentials")
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1


def test_an_unconfirmed_address_is_told_to_its_owner_alone(app: App, made: NewBackend) -> None:
    change(made, auto_confirm=False)
    body = {"email": "ann@example.com", "password": PASSWORD}
    app.auth("POST", "signup", body, anonymous=True)
    app.email = "ann@example.com"
    contract.refused(sign_in(app), 400, "email_not_confirmed", "Email not confirmed")
    contract.refused(sign_in(app, password="not it"), 400, "invalid_credentials")
    assert not Session.objects.exists()


@pytest.mark.parametrize("how", ["banned", "deleted", "inactive"])
def test_a_barred_account_is_told_so(member: App, how: str) -> None:
    later = clock.now() + timedelta(hours=1)
    if how == "inactive":
        get_user_model().objects.update(is_active=False)
    elif how == "banned":
        Account.objects.update(banned_until=later)
    else:
        Account.objects.update(deleted_at=clock.now())
    contract.refused(sign_in(member), 400, "user_banned", "User is banned")
    contract.refused(sign_in(member, password="not it"), 400, "invalid_credentials")
    contract.refused(member.auth("GET", "user"), 403, "user_banned", "User is banned")
    message = "Invalid Refresh Token: User Banned"
    contract.refused(member.refresh(), 400, "user_banned", message)


def test_a_ban_ends_by_itself(member: App) -> None:
    Account.objects.update(banned_until=clock.now() - timedelta(seconds=1))
    contract.session(sign_in(member))


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"email": None}, "validation_failed", "missing email or phone"),
        ({"email": ""}, "validation_failed", "missing email or phone"),
        ({"email": None, "phone": "+491511"}, "phone_provider_disabled", None),
        ({"password": None}, "validation_failed", None),
        ({"password": ""}, "validation_failed", None),
        ({"password": "x" * 257}, "validation_failed", None),
        ({"email": "ann"}, "validation_failed", None),
    ],
)
def test_what_cannot_sign_in(
    member: App, body: dict[str, Any], code: str, message: str | None
) -> None:
    before = stored()
    contract.refused(sign_in(member, **body), 400, code, message)
    assert stored() == before


@pytest.mark.parametrize("query", ["", "?grant_type=", "?grant_type=pkce2", "?grant_type=Password"])
def test_an_unknown_grant(member: App, query: str) -> None:
    answer = member.auth("POST", f"token{query}", {}, anonymous=True)
    contract.refused(answer, 400, "invalid_credentials", "unsupported_grant_type")


def test_the_authorization_of_a_public_route_is_noise(member: App) -> None:
    body = {"email": member.email, "password": PASSWORD}
    for token in ("x", member.anon_key, "a.b.c"):
        contract.session(member.auth("POST", "token?grant_type=password", body, token=token))
