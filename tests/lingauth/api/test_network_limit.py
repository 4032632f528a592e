"""How many wrong passwords one network may try, whomever they are tried on (security D25)."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from lingauth.models import Event, GuessLimit
from tests.lingauth.api import contract
from tests.lingauth.api.people import app_of, create, frozen
from tests.support.app import PASSWORD, App

pytestmark = pytest.mark.django_db

ANN = "ann@example.com"
HERE, THERE = "192.0.2.7", "192.0.2.8"


@pytest.fixture(autouse=True)
def limit(settings: Settings) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "WRONG_PASSWORDS_PER_IP": 4}


@pytest.fixture
def member(app: App) -> App:
    app.sign_up(ANN)
    return app


def sign_in(app: App, ip: str, email: str = ANN, password: str = PASSWORD) -> Any:
    app.http.defaults["REMOTE_ADDR"] = ip
    body = {"email": email, "password": password}
    return app.auth("POST", "token?grant_type=password", body, anonymous=True)


def miss(app: App, *ips: str) -> None:
    """A wrong password from each, each time at another address."""
    for number, ip in enumerate(ips):
        answer = sign_in(app, ip, f"{number}@example.com", "not the password")
        contract.refused(answer, 400, "invalid_credentials")


def waits(app: App, ip: str, email: str = ANN) -> int:
    answer = sign_in(app, ip, email)
    contract.refused(answer, 429, "over_request_rate_limit")
    return int(answer.headers["Retry-After"])


def test_beyond_it_a_right_password_waits_too_until_the_minute_is_over(member: App) -> None:
    with frozen() as moved:
        miss(member, HERE)
        moved.shift(20)
        miss(member, HERE, HERE, HERE)
        assert waits(member, HERE) == waits(member, HERE, "nobody@example.com") == 40
        moved.shift(39)
        assert waits(member, HERE) == 1
        moved.shift(1)
        contract.session(sign_in(member, HERE))
        miss(member, HERE, HERE, HERE, HERE)
        assert waits(member, HERE) == 60


def test_one_less_is_no_matter(member: App) -> None:
    miss(member, HERE, HERE, HERE)
    contract.session(sign_in(member, HERE))


def test_right_passwords_are_not_counted(member: App) -> None:
    with frozen():
        for _ in range(6):
            contract.session(sign_in(member, HERE))


def test_others_notice_nothing(member: App) -> None:
    """Neither another network nor another backend (INV-8)."""
    other = app_of(create("other"))
    other.sign_up(ANN)
    with frozen():
        miss(member, HERE, HERE, HERE, HERE)
        waits(member, HERE)
        contract.session(sign_in(member, THERE))
        contract.session(sign_in(other, HERE))


def test_a_customer_with_many_addresses_is_one(member: App) -> None:
    mine = [f"2001:db8:0:1::{n:x}" for n in range(1, 6)]
    with frozen():
        miss(member, *mine[:4])
        waits(member, mine[4])
        contract.session(sign_in(member, "2001:db8:0:2::1"))


def test_what_is_not_looked_at_is_no_guess_at_anybody(member: App) -> None:
    with frozen():
        miss(member, HERE, HERE, HERE, HERE)
        for _ in range(12):
            waits(member, HERE)
    assert GuessLimit.objects.count() == 4
    assert not GuessLimit.objects.exclude(account=None, failures=1).exists()


def test_it_is_written_down_as_what_it_is(member: App) -> None:
    with frozen():
        miss(member, HERE, HERE, HERE, HERE)
        waits(member, HERE)
    row = Event.objects.filter(kind="sign_in_failed").first()
    assert row is not None
    assert (row.data["reason"], row.ip) == ("network_limit", HERE)


def test_an_account_that_is_locked_says_how_long_that_lasts(member: App) -> None:
    """The longer of two reasons to wait is the one that is told."""
    with frozen() as moved:
        for minute in range(3):
            for _ in range(4 if minute < 2 else 2):
                sign_in(member, HERE, password="not the password")
            moved.shift(60)
        assert waits(member, HERE) == 14 * 60
