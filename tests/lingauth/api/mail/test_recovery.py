"""``POST recover``: a forgotten password, which never goes around a second factor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingauth.models import Account, Session
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import ANN, BOB, ask, by_code, by_link, claims, post, spent
from tests.lingauth.api.people import STEP, frozen
from tests.support.app import App
from tests.support.mailbox import letters
from tests.support.totp import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NEW = "another battery staple"


def recovered(app: App, way: Any = by_link) -> App:
    """Somebody who followed the mail on a device without a session."""
    device = App(app.ref, app.anon_key, secret=app.secret)
    device.email = ANN
    device.keep(way(device, "recovery", ask(device, "recover")))
    return device


def put(app: App, **body: Any) -> Any:
    return app.auth("PUT", "user", body)


@pytest.mark.parametrize("way", [by_code, by_link])
def test_without_a_factor_the_mail_is_enough_for_a_new_password(member: App, way: Any) -> None:
    device = recovered(member, way)
    session = claims(device.session)
    assert (session["aal"], session["amr"][0]["method"]) == ("aal1", "otp")
    assert put(device, password=NEW).status_code == 200
    contract.refused(member.auth("GET", "user"), 403, "session_not_found")
    device.sign_in(NEW)


def test_the_mail_works_once(member: App) -> None:
    letter = ask(member, "recover")
    contract.session(by_code(member, "recovery", letter))
    spent(member, letter, "recovery")


def test_the_link_lasts_half_an_hour(member: App) -> None:
    with frozen() as moved:
        letter = ask(member, "recover")
        moved.shift(timedelta(minutes=30) - timedelta(seconds=1))
        contract.session(by_link(member, "recovery", letter))
        letter = ask(member, "recover")
        moved.shift(timedelta(minutes=30))
        spent(member, letter, "recovery")


def test_with_a_factor_the_mail_alone_changes_nothing(member: App) -> None:
    member.reach_aal2()
    device = recovered(member)
    assert claims(device.session)["aal"] == "aal1"
    for body in ({"password": NEW}, {"email": BOB}, {"password": NEW, "nonce": "000000"}):
        contract.refused(put(device, **body), 401, "insufficient_aal")
    for path in ("factors", "factors/recovery-codes"):
        body = {"factor_type": "totp"}
        contract.refused(device.auth("POST", path, body), 403, "insufficient_aal")
    factor = member.auth("GET", "user").json()["factors"][0]["id"]
    contract.refused(device.auth("DELETE", f"factors/{factor}"), 422, "insufficient_aal")
    member.sign_in()


def test_with_its_code_it_does(member: App) -> None:
    with frozen() as moved:
        member.reach_aal2()
        moved.shift(STEP)
        device = recovered(member)
        device.keep(device.auth("POST", "mfa/verify", {"code": code_for(member.secret)}))
        assert put(device, password=NEW).status_code == 200
        device.sign_in(NEW)


def test_and_with_a_recovery_code(member: App) -> None:
    """Password and phone both lost: the mail and one of the ten are still a way in."""
    member.reach_aal2()
    codes = member.auth("POST", "factors/recovery-codes").json()["codes"]
    device = recovered(member)
    device.keep(device.auth("POST", "factors/recovery-codes/verify", {"code": codes[0]}))
    assert put(device, password=NEW).status_code == 200
    device.sign_in(NEW)


def test_who_waited_too_long_can_ask_for_a_nonce(member: App) -> None:
    """The mail's session stays, only its proof grows old: no dead end."""
    with frozen() as moved:
        device = recovered(member)
        moved.shift(timedelta(minutes=10, seconds=1))
        device.keep(device.refresh())
        contract.refused(put(device, password=NEW), 400, "reauthentication_needed")
        assert device.auth("GET", "reauthenticate").status_code == 200
        assert put(device, password=NEW, nonce=letters(ANN)[-1].code).status_code == 200
        device.sign_in(NEW)


def test_asking_changes_nothing(member: App) -> None:
    """Neither the password nor a session: anybody may ask (EM-07)."""
    ask(member, "recover")
    assert member.auth("GET", "user").status_code == 200
    member.sign_in()
    assert Session.objects.filter(ended_at=None).count() == 2


def test_an_unknown_address_gets_the_answer_and_no_mail(app: App) -> None:
    assert post(app, "recover", email=BOB).json() == {}
    assert (letters(), Account.objects.count()) == ([], 0)


def test_somebody_banned_is_not_mailed(member: App) -> None:
    letter = ask(member, "recover")
    Account.objects.update(banned_until="2100-01-01T00:00Z")
    contract.refused(by_link(member, "recovery", letter), 403, "user_banned")
    assert post(member, "recover", email=ANN).json() == {}
    assert letters() == [letter]


def test_a_new_password_voids_the_other_mails(member: App) -> None:
    letter = ask(member, "recover")
    assert put(member, password=NEW).status_code == 200
    spent(member, letter, "recovery")
