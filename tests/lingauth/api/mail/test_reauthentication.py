"""``GET reauthenticate`` and the nonce it mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from lingauth.models import Account
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import ANN, BOB, setting
from tests.lingauth.api.people import Clock, frozen
from tests.support.app import App
from tests.support.mailbox import letters, newest, other_than

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NEW = "another battery staple"


@pytest.fixture
def clock(member: App) -> Iterator[Clock]:
    """The member's sign-in is older than ten minutes."""
    with frozen() as moved:
        member.sign_in()
        moved.shift(timedelta(minutes=10, seconds=1))
        member.keep(member.refresh())
        yield moved


def put(app: App, **body: Any) -> Any:
    return app.auth("PUT", "user", body)


def nonce(app: App) -> str:
    assert app.auth("GET", "reauthenticate").json() == {}
    return newest(ANN).code


def test_it_proves_what_the_sign_in_no_longer_does(member: App, clock: Clock) -> None:
    contract.refused(put(member, password=NEW), 400, "reauthentication_needed")
    answer = put(member, password=NEW, nonce=nonce(member))
    assert answer.json()["reauthentication_sent_at"]
    member.sign_in(NEW)


def test_it_is_no_link(member: App) -> None:
    nonce(member)
    assert "/verify?" not in newest(ANN).body


def test_it_works_once(member: App, clock: Clock) -> None:
    code = nonce(member)
    setting(secure_email_change=False)
    assert put(member, email=BOB, nonce=code).status_code == 200
    contract.refused(put(member, password=NEW, nonce=code), 422, "reauthentication_not_valid")


def test_it_lasts_ten_minutes(member: App, clock: Clock) -> None:
    code = nonce(member)
    clock.shift(timedelta(minutes=10))
    member.keep(member.refresh())
    contract.refused(put(member, password=NEW, nonce=code), 422, "reauthentication_not_valid")


def test_a_wrong_one_changes_nothing_and_spends_a_guess(member: App, clock: Clock) -> None:
    code = nonce(member)
    for _ in range(5):
        answer = put(member, password=NEW, nonce=other_than(code))
        contract.refused(answer, 422, "reauthentication_not_valid")
    contract.refused(put(member, password=NEW, nonce=code), 422, "reauthentication_not_valid")


def test_a_refused_password_does_not_spend_it(member: App, clock: Clock) -> None:
    code = nonce(member)
    contract.refused(put(member, password="short", nonce=code), 422, "weak_password")
    assert put(member, password=NEW, nonce=code).status_code == 200


def test_it_is_no_second_factor(member: App, clock: Clock) -> None:
    """Two mails are one factor (EM-04)."""
    member.sign_in()
    member.reach_aal2()
    device = App(member.ref, member.anon_key)
    device.email = ANN
    device.sign_in()
    code = nonce(device)
    contract.refused(put(device, password=NEW, nonce=code), 401, "insufficient_aal")
    contract.refused(
        device.auth("POST", "mfa/verify", {"code": code}), 422, "mfa_verification_failed"
    )


def test_without_a_confirmed_address_there_is_none(app: App, member: App) -> None:
    Account.objects.update(email_confirmed_at=None)
    contract.refused(member.auth("GET", "reauthenticate"), 422, "email_not_confirmed")
    setting(anonymous_enabled=True)
    app.keep(app.auth("POST", "signup", {}, anonymous=True))
    contract.refused(app.auth("GET", "reauthenticate"), 400, "validation_failed")
    assert letters() == []
