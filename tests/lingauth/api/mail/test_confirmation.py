"""Confirming an address after a sign-up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingauth.models import Account, Event
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import ANN, BOB, by_code, by_link, claims, post, sign_up, spent
from tests.lingauth.api.people import frozen
from tests.support.app import PASSWORD, App
from tests.support.mailbox import letters

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("type", ["signup", "email", "magiclink"])
@pytest.mark.parametrize("way", [by_code, by_link])
def test_either_half_of_the_mail_confirms_and_signs_in(app: App, type: str, way: object) -> None:
    letter = sign_up(app)
    assert letter.query["type"] == "signup"
    answer = by_code(app, type, letter) if way is by_code else by_link(app, type, letter)
    user = contract.session(answer)["user"]
    assert user["email_confirmed_at"]
    assert user["user_metadata"]["email_verified"] is True
    assert claims(answer.json())["amr"][0]["method"] == "otp"
    app.email = ANN
    app.sign_in()


@pytest.mark.parametrize("way", [by_code, by_link])
def test_it_works_once_and_takes_the_other_half_along(app: App, way: object) -> None:
    letter = sign_up(app)
    first = by_code(app, "signup", letter) if way is by_code else by_link(app, "signup", letter)
    contract.session(first)
    spent(app, letter, "signup")
    assert Event.objects.filter(kind="email_confirmed").count() == 1


def test_a_code_lasts_ten_minutes_and_its_link_a_day(app: App) -> None:
    with frozen() as moved:
        letter = sign_up(app)
        moved.shift(timedelta(minutes=10))
        contract.refused(by_code(app, "signup", letter), 403, "otp_expired")
        moved.shift(timedelta(hours=23, minutes=50) - timedelta(seconds=1))
        contract.session(by_link(app, "signup", letter))


def test_the_last_second_of_a_code_counts(app: App) -> None:
    with frozen() as moved:
        letter = sign_up(app)
        moved.shift(timedelta(minutes=10) - timedelta(seconds=1))
        contract.session(by_code(app, "signup", letter))


def test_after_a_day_the_link_is_over(app: App) -> None:
    with frozen() as moved:
        letter = sign_up(app)
        moved.shift(timedelta(hours=24))
        contract.refused(by_link(app, "signup", letter), 403, "otp_expired")
    assert Account.objects.get().email_confirmed_at is None


def test_a_mail_sent_once_more_voids_the_one_before(app: App) -> None:
    first = sign_up(app)
    assert post(app, "resend", type="signup", email=ANN).json() == {}
    second = letters(ANN)[-1]
    assert (second.code, second.token) != (first.code, first.token)
    contract.refused(by_link(app, "signup", first), 403, "otp_expired")
    contract.session(by_code(app, "signup", second))
    app.email = ANN
    app.sign_in()


def test_only_who_waits_for_a_confirmation_is_mailed_once_more(app: App) -> None:
    contract.session(by_code(app, "signup", sign_up(app)))
    before = len(letters())
    for email in (ANN, BOB):
        assert post(app, "resend", type="signup", email=email).status_code == 200
    assert len(letters()) == before


def test_a_sign_up_with_the_address_of_an_account_tells_its_owner(app: App) -> None:
    contract.session(by_code(app, "signup", sign_up(app)))
    assert post(app, "signup", email=ANN, password="another horse").status_code == 200
    assert "/verify?" not in letters(ANN)[-1].body
    app.email = ANN
    app.sign_in(PASSWORD)


@pytest.mark.parametrize(
    "code", ["12345", "1234567", "abcdef", "", " ", "123 45", "１２３４５６", "0" * 99]
)
def test_what_is_no_code(app: App, code: str) -> None:
    sign_up(app)
    answer = post(app, "verify", type="signup", email=ANN, token=code)
    assert (answer.status_code, answer.json()["code"]) in (
        (403, "otp_expired"),
        (400, "validation_failed"),
    )
    assert Account.objects.get().email_confirmed_at is None


def test_a_code_may_be_typed_with_spaces_and_dashes(app: App) -> None:
    letter = sign_up(app)
    code = f" {letter.code[:3]} - {letter.code[3:]}"
    contract.session(by_code(app, "signup", letter, code))
