"""How often a password may be guessed (security AU-07, AU-08, D25)."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.models import Event, GuessLimit
from tests.lingauth.api import contract
from tests.lingauth.api.people import app_of, beside, create, frozen
from tests.support.app import PASSWORD, App

pytestmark = pytest.mark.django_db

MINUTE = 60
ANN, NOBODY = "ann@example.com", "nobody@example.com"


def sign_in(app: App, email: str = ANN, password: str = "not the password", **extra: Any) -> Any:
    body = {"email": email, "password": password}
    return app.auth("POST", "token?grant_type=password", body, anonymous=True, **extra)


def miss(app: App, times: int, email: str = ANN) -> None:
    for _ in range(times):
        contract.refused(sign_in(app, email), 400, "invalid_credentials")


def locked(app: App, email: str = ANN, password: str = PASSWORD) -> int:
    answer = sign_in(app, email, password)
    contract.refused(answer, 429, "over_request_rate_limit")
    return int(answer.headers["Retry-After"])


@pytest.fixture
def member(app: App) -> App:
    app.sign_up(ANN)
    return app


@pytest.mark.parametrize("email", [ANN, NOBODY])
def test_the_schedule_is_the_same_for_an_unknown_address(member: App, email: str) -> None:
    """10 wrong: 15 minutes. 20: 30. From 30 on: 60. At 100 it ends."""
    with frozen() as moved:
        for wait in (15, 30, 60, 60, 60, 60, 60, 60, 60):
            miss(member, 10, email)
            assert locked(member, email) == wait * MINUTE
            moved.shift(wait * MINUTE - 1)
            assert locked(member, email) == 1
            moved.shift(1)
        miss(member, 10, email)
        moved.shift(24 * 60 * MINUTE)
        assert locked(member, email) == 60 * MINUTE
        assert GuessLimit.objects.get(kind="password").failures == 100


def test_a_lock_answers_right_wrong_and_unknown_alike(member: App) -> None:
    with frozen():
        miss(member, 10)
        miss(member, 10, NOBODY)
        answers = [
            sign_in(member, ANN, PASSWORD),
            sign_in(member, ANN),
            sign_in(member, NOBODY, PASSWORD),
            sign_in(member, "ANN@Example.com", PASSWORD),
        ]
        assert len({answer.content for answer in answers}) == 1
        assert len({contract.headers(answer) for answer in answers}) == 1


def test_after_the_wait_the_right_password_signs_in_and_resets(member: App) -> None:
    with frozen() as moved:
        miss(member, 10)
        moved.shift(15 * MINUTE)
        contract.session(sign_in(member, ANN, PASSWORD))
        miss(member, 9)
        contract.session(sign_in(member, ANN, PASSWORD))


def test_guesses_count_per_address_wherever_they_come_from(member: App) -> None:
    for number in range(10):
        member.http.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
        headers = {"x-forwarded-for": f"198.51.100.{number}"}
        answer = sign_in(member, headers=headers)
        contract.refused(answer, 400, "invalid_credentials")
    member.http.defaults["REMOTE_ADDR"] = "203.0.113.9"
    locked(member)


def test_another_address_and_another_backend_are_not_locked(member: App) -> None:
    neighbour = App(member.ref, member.anon_key)
    neighbour.sign_up("bob@example.com")
    foreign = app_of(create("bravo"))
    foreign.sign_up(ANN)
    miss(member, 10)
    contract.session(sign_in(neighbour, "bob@example.com", PASSWORD))
    contract.session(sign_in(foreign, ANN, PASSWORD))
    locked(member)


@pytest.mark.parametrize("act", ["refresh", "sign-up", "other's success", "no password"])
def test_what_does_not_reset_it(member: App, act: str) -> None:
    miss(member, 9)
    match act:
        case "refresh":
            member.keep(member.refresh())
        case "sign-up":
            body = {"email": ANN, "password": PASSWORD}
            answer = member.auth("POST", "signup", body, anonymous=True)
            contract.refused(answer, 422, "user_already_exists")
        case "other's success":
            neighbour = App(member.ref, member.anon_key)
            neighbour.sign_up("bob@example.com")
            beside(neighbour)
        case "no password":
            contract.refused(sign_in(member, password=""), 400, "validation_failed")
    miss(member, 1)
    locked(member)


def test_sessions_that_are_open_stay_open(member: App) -> None:
    miss(member, 10)
    assert member.auth("GET", "user").status_code == 200
    contract.session(member.refresh())


def test_every_try_is_written_down(member: App) -> None:
    miss(member, 10)
    locked(member)
    miss(member, 1, NOBODY)
    failed = Event.objects.filter(kind="sign_in_failed")
    assert failed.filter(data__reason="wrong_password").count() == 10
    assert failed.filter(data__reason="locked").count() == 1
    assert failed.filter(data__reason="unknown_address", account_uuid=None).count() == 1
    assert not failed.filter(data__icontains="not the password").exists()
