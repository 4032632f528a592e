"""``POST signup``: every outcome there is (auth-wire 1.6)."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from lingauth.models import Account, Session
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import change, frozen, stored
from tests.support.app import PASSWORD, App
from tests.support.mailbox import newest

pytestmark = pytest.mark.django_db


def sign_up(app: App, **body: Any) -> Any:
    return app.auth("POST", "signup", {"password": PASSWORD, **body}, anonymous=True)


@pytest.fixture
def confirming(app: App, made: NewBackend) -> App:
    """An app of a backend that wants addresses to be confirmed."""
    change(made, auto_confirm=False)
    return app


def confirm(address: str) -> None:
    Account.objects.filter(email=address).update(email_confirmed_at=timezone.now())


def test_with_auto_confirm_it_is_a_session(app: App) -> None:
    answer = contract.session(
        sign_up(app, email="Ann@Example.com", data={"name": "Ann", "nothing": None})
    )
    user = answer["user"]
    assert user["email"] == "Ann@Example.com"
    assert user["email_confirmed_at"] == user["confirmed_at"]
    assert "confirmation_sent_at" not in user
    assert len(user["identities"]) == 1
    assert user["user_metadata"] == {
        "sub": user["id"],
        "email": "Ann@Example.com",
        "email_verified": True,
        "phone_verified": False,
        "name": "Ann",
    }
    assert "factors" not in user


def test_without_it_is_the_bare_user_and_a_mail(confirming: App) -> None:
    answer = sign_up(confirming, email="ann@example.com")
    assert answer.status_code == 200
    user = contract.user(answer.json())
    assert "email_confirmed_at" not in user
    contract.moment(user["confirmation_sent_at"])
    assert user["user_metadata"]["email_verified"] is False
    assert user["user_metadata"]["sub"] == user["id"]
    assert [m.to for m in mail.outbox] == [["ann@example.com"]]
    assert not Session.objects.exists()


def test_confirming_is_told_by_the_user_object(confirming: App) -> None:
    sign_up(confirming, email="ann@example.com")
    body = {"type": "signup", "token_hash": newest("ann@example.com").token}
    contract.session(confirming.auth("POST", "verify", body, anonymous=True))
    confirming.email = "ann@example.com"
    user = contract.session(confirming.sign_in())["user"]
    assert user["user_metadata"]["email_verified"] is True


def test_a_taken_address_is_said_with_auto_confirm(app: App) -> None:
    sign_up(app, email="ann@example.com")
    before = stored()
    for address in ("ann@example.com", "ANN@EXAMPLE.COM"):
        again = sign_up(app, email=address, password="another good password")
        contract.refused(again, 422, "user_already_exists", "User already registered")
    assert stored() == before


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_taken_address_answers_like_a_new_one_without(confirming: App, confirmed: bool) -> None:
    """Ids are made up at each call; everything else is what a new account would show (AU-09)."""
    with frozen() as moved:
        sign_up(confirming, email="ann@example.com", data={"a": 1})
        if confirmed:
            confirm("ann@example.com")
        moved.shift(60)
        before = accounts()
        taken = sign_up(confirming, email="ann@example.com", password="another one", data={"a": 2})
        assert accounts() == before
        user = get_user_model()._default_manager.get()
        assert user.check_password(PASSWORD) is confirmed, "of two unconfirmed ones neither stays"
        fresh = sign_up(confirming, email="bob@example.com", data={"a": 2})
    assert masked(taken, "ann") == masked(fresh, "bob")
    contract.user(taken.json())


def accounts() -> list[Any]:
    """All there is of every account and of its user, but for the password, and when a mail was
    sent."""
    users = get_user_model()._default_manager.order_by("pk").values()
    rows = Account.objects.order_by("pk").values()
    return [
        *(row | {"password": ""} for row in users),
        *(row | {"confirmation_sent_at": None} for row in rows),
    ]


def masked(answer: Any, name: str) -> tuple[int, tuple[tuple[str, str], ...], str]:
    body = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", answer.content.decode())
    return answer.status_code, contract.headers(answer), body.replace(name, "NAME")


def test_an_unconfirmed_address_is_mailed_again_after_a_minute(confirming: App) -> None:
    with frozen() as moved:
        sign_up(confirming, email="ann@example.com")
        moved.shift(59)
        again = sign_up(confirming, email="ann@example.com")
        contract.refused(again, 429, "over_email_send_rate_limit")
        assert len(mail.outbox) == 1
        moved.shift(1)
        sign_up(confirming, email="ann@example.com", password="somebody else's")
        assert len(mail.outbox) == 2
    confirm("ann@example.com")
    wrong = {"email": "ann@example.com", "password": "somebody else's"}
    answer = confirming.auth("POST", "token?grant_type=password", wrong, anonymous=True)
    contract.refused(answer, 400, "invalid_credentials")


def test_disabled_sign_up_says_so(app: App, made: NewBackend) -> None:
    change(made, signup_enabled=False)
    answer = sign_up(app, email="ann@example.com")
    contract.refused(answer, 422, "signup_disabled", "Signups not allowed for this instance")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "length"),
        ("password12345678", "pwned"),
        ("qwertyuiop", "pwned"),
        ("ann@example.com", "pwned"),
    ],
)
def test_a_weak_password_says_why(app: App, password: str, reason: str) -> None:
    answer = sign_up(app, email="ann@example.com", password=password)
    body = contract.refused(answer, 422, "weak_password")
    assert body["weak_password"] == {"reasons": [reason]}
    assert body["details"] == {"reasons": [reason]}
    assert password not in body["message"]


@pytest.mark.parametrize(
    ("minimum", "length", "accepted"),
    [(8, 7, False), (8, 8, True), (15, 14, False), (15, 15, True), (8, 64, True), (8, 256, True)],
)
def test_a_password_is_measured_in_code_points(
    app: App, made: NewBackend, minimum: int, length: int, accepted: bool
) -> None:
    change(made, password_min_length=minimum)
    password = "xq\u00e4vz\U0001f511kw" * 32
    answer = sign_up(app, email="ann@example.com", password=password[:length])
    assert (answer.status_code == 200) is accepted


def test_a_password_is_neither_cut_nor_trimmed_and_is_normalised(app: App) -> None:
    password = "caf\u00e9 " + "x" * 100 + " "
    sign_up(app, email="ann@example.com", password=password)
    app.email = "ann@example.com"
    app.sign_in("cafe\u0301 " + "x" * 100 + " ")
    for other in (password.strip(), password[:72] + "y" * 34, password.upper()):
        answer = app.auth(
            "POST",
            "token?grant_type=password",
            {"email": "ann@example.com", "password": other},
            anonymous=True,
        )
        contract.refused(answer, 400, "invalid_credentials")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"phone": "+4915112345678"}, 400, "phone_provider_disabled"),
        (
            {"email": "ann@example.com", "phone": "+4915112345678"},
            400,
            "validation_failed",
        ),
        ({"password": None}, 422, "anonymous_provider_disabled"),
        ({"data": {}, "password": None}, 422, "anonymous_provider_disabled"),
        ({"email": "ann@example.com", "password": None}, 400, "validation_failed"),
        ({"email": "ann@example.com", "password": ""}, 400, "validation_failed"),
        ({"email": "ann@example.com", "password": "x" * 257}, 400, "validation_failed"),
        ({"email": "ann@example.com", "data": ["a"]}, 400, "validation_failed"),
        ({"email": "ann@example.com", "data": {"a": "x" * 17000}}, 400, "validation_failed"),
        ({"email": "ann@example.com", "data": dict.fromkeys(map(str, range(65)), 1)}, 400,
         "validation_failed"),
    ],
)  # fmt: skip
def test_what_cannot_sign_up(app: App, body: dict[str, Any], status: int, code: str) -> None:
    before = stored()
    contract.refused(sign_up(app, **body), status, code)
    assert stored() == before


@pytest.mark.parametrize(
    "address",
    [
        "ann", "ann@", "@example.com", "ann@example", "ann@exa mple.com", "a@b@example.com",
        "ann@example.com,bob@example.com", "ann@example.com\r\nBcc: bob@example.com",
        "ann\uff20example.com", "ann@example\uff0ecom", "a" * 250 + "@example.com",
        " ann@example.com",
    ],
)  # fmt: skip
def test_what_is_no_address(app: App, address: str) -> None:
    answer = sign_up(app, email=address)
    message = "Unable to validate email address: invalid format"
    contract.refused(answer, 400, "validation_failed", message)


def test_what_the_clients_send_beside_is_ignored(app: App) -> None:
    answer = sign_up(
        app,
        email=f"{uuid4()}@example.com",
        data=None,
        channel=None,
        gotrue_meta_security={"captcha_token": None},
        code_challenge=None,
        code_challenge_method=None,
        role="service_role",
        app_metadata={"admin": True},
    )
    contract.session(answer)


def test_the_authorization_of_a_public_route_is_noise(app: App) -> None:
    for token in ("x", app.anon_key, "a.b.c"):
        answer = app.auth(
            "POST", "signup", {"email": f"{uuid4()}@x.org", "password": PASSWORD}, token=token
        )
        contract.session(answer)
