"""``POST otp`` and its older name ``magiclink``: signing in, or up, by mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingauth.models import Account
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import (
    ANN,
    BOB,
    ask,
    by_code,
    by_link,
    claims,
    post,
    setting,
    spent,
)
from tests.lingauth.api.people import frozen
from tests.support.app import App
from tests.support.mailbox import letters

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PATHS = ("otp", "magiclink")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("type", ["magiclink", "email"])
@pytest.mark.parametrize("way", [by_code, by_link])
def test_an_account_signs_in(member: App, path: str, type: str, way: Any) -> None:
    letter = ask(member, path, create_user=False)
    assert letter.query["type"] == "magiclink"
    session = contract.session(way(member, type, letter))
    assert session["user"]["id"] == member.session["user"]["id"]
    assert claims(session)["amr"][0]["method"] == "otp"
    spent(member, letter, type)


def test_an_unknown_address_signs_up(app: App) -> None:
    letter = ask(app, "otp", data={"name": "Ann"})
    assert letter.query["type"] == "signup"
    user = contract.session(by_code(app, "email", letter))["user"]
    assert user["user_metadata"]["name"] == "Ann"
    assert user["email_confirmed_at"]
    ask(app, "otp")
    assert Account.objects.count() == 1


def test_an_unknown_address_gets_nothing_if_no_account_is_to_be_made(app: App) -> None:
    assert post(app, "otp", email=BOB, create_user=False).json() == {}
    assert (letters(), Account.objects.count()) == ([], 0)


def test_nor_where_sign_up_is_off(member: App) -> None:
    setting(signup_enabled=False)
    assert post(member, "otp", email=BOB).json() == {}
    assert (letters(BOB), Account.objects.count()) == ([], 1)
    contract.session(by_code(member, "email", ask(member, "otp")))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("email", [ANN, BOB])
def test_signing_in_by_mail_can_be_off(member: App, path: str, email: str) -> None:
    setting(mail_sign_in_enabled=False)
    answer = post(member, path, email=email)
    contract.refused(answer, 422, "email_provider_disabled", "Email logins are disabled")
    assert letters(email) == []


def test_link_and_code_last_ten_minutes(member: App) -> None:
    with frozen() as moved:
        letter = ask(member, "otp")
        moved.shift(timedelta(minutes=10))
        spent(member, letter, "magiclink")
        letter = ask(member, "otp")
        moved.shift(timedelta(minutes=10) - timedelta(seconds=1))
        contract.session(by_link(member, "magiclink", letter))


def test_a_new_mail_voids_the_one_before(member: App) -> None:
    first, second = ask(member, "otp"), ask(member, "otp")
    contract.refused(by_link(member, "magiclink", first), 403, "otp_expired")
    contract.session(by_link(member, "magiclink", second))


def test_somebody_banned_is_not_mailed_and_not_let_in(member: App) -> None:
    letter = ask(member, "otp")
    Account.objects.update(banned_until="2100-01-01T00:00Z")
    contract.refused(by_link(member, "magiclink", letter), 403, "user_banned")
    contract.refused(by_code(member, "magiclink", letter), 403, "user_banned")
    before = len(letters())
    assert post(member, "otp", email=ANN).json() == {}
    assert len(letters()) == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "validation_failed"),
        ({"phone": "+4915112345678"}, 400, "phone_provider_disabled"),
        ({"email": "ann"}, 400, "validation_failed"),
        ({"email": ANN, "data": ["a"]}, 400, "validation_failed"),
        ({"email": ANN, "create_user": "no"}, 400, "validation_failed"),
    ],
)
def test_what_cannot_be_asked(app: App, body: dict[str, Any], status: int, code: str) -> None:
    contract.refused(post(app, "otp", **body), status, code)
    assert letters() == []
