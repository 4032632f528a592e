"""How often an address is mailed: the same for one that nobody has (D19, DS-08)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import ANN, BOB, post, setting
from tests.lingauth.api.people import frozen
from tests.support.app import PASSWORD, App
from tests.support.mailbox import letters

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ASKS: dict[str, dict[str, Any]] = {
    "signup": {"password": PASSWORD},
    "otp": {},
    "magiclink": {"create_user": False},
    "recover": {},
    "resend": {"type": "signup"},
}
TOO_MANY = "over_email_send_rate_limit"


@pytest.mark.parametrize("path", ASKS)
@pytest.mark.parametrize("email", [ANN, BOB])
def test_one_a_minute(member: App, path: str, email: str) -> None:
    setting(mail_cooldown=60)
    with frozen() as moved:
        assert post(member, path, email=email, **ASKS[path]).status_code == 200
        moved.shift(timedelta(seconds=59))
        answer = post(member, path, email=email, **ASKS[path])
        message = "For security purposes, you can only request this after 1 seconds."
        contract.refused(answer, 429, TOO_MANY, message)
        moved.shift(timedelta(seconds=1))
        assert post(member, path, email=email, **ASKS[path]).status_code == 200


@pytest.mark.parametrize("email", [ANN, BOB])
def test_five_an_hour_whatever_they_are_for(member: App, email: str) -> None:
    setting(mails_per_hour=5)
    with frozen() as moved:
        for path in ASKS:
            assert post(member, path, email=email, **ASKS[path]).status_code == 200
        for path in ASKS:
            contract.refused(post(member, path, email=email, **ASKS[path]), 429, TOO_MANY)
        moved.shift(timedelta(hours=1))
        assert post(member, "recover", email=email).status_code == 200


def test_a_change_of_address_and_a_nonce_are_paid_for_too(member: App) -> None:
    setting(mails_per_hour=1)
    assert member.auth("PUT", "user", {"email": BOB}).status_code == 200
    for body in ({"type": "email_change", "email": BOB}, {"type": "signup", "email": BOB}):
        contract.refused(post(member, "resend", **body), 429, TOO_MANY)
    assert member.auth("GET", "reauthenticate").status_code == 200
    contract.refused(member.auth("GET", "reauthenticate"), 429, TOO_MANY)


def test_a_hundred_calls_are_five_mails(member: App) -> None:
    setting(mails_per_hour=5)
    before = len(letters(ANN))
    for _ in range(20):
        post(member, "recover", email=ANN)
    assert len(letters(ANN)) == before + 5


def test_spellings_of_one_address_share_the_limit(member: App) -> None:
    setting(mail_cooldown=60)
    assert post(member, "recover", email=ANN).status_code == 200
    answer = post(member, "recover", email="ANN@EXAMPLE.com")
    contract.refused(answer, 429, TOO_MANY)
