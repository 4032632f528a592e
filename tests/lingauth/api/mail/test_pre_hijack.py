"""Who signs up with the address of another and waits for its owner has nothing in the end (EM-13).

Eve signs up with Ann's address; Ann comes later, and what she confirms is hers alone.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingauth.models import Account, Identity
from lingauth.services import mail_asks, purge
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import (
    ANN,
    ask,
    by_code,
    by_link,
    challenge,
    flow_code,
    post,
    setting,
    sign_up,
    trade,
)
from tests.lingauth.api.people import frozen
from tests.support.app import App
from tests.support.mailbox import newest

pytestmark = [pytest.mark.django_db, pytest.mark.once]
EVES, ANNS = "eve was here first", "ann came to stay"


@pytest.fixture
def taken(app: App) -> App:
    """Ann's address at a backend where Eve has signed up with it."""
    sign_up(app, password=EVES)
    answer = post(app, "token?grant_type=password", email=ANN, password=EVES)
    contract.refused(answer, 400, "email_not_confirmed")
    return app


def knows(app: App, password: str) -> bool:
    """Whether the password opens the account."""
    answer = post(app, "token?grant_type=password", email=ANN, password=password)
    return bool(answer.status_code == 200)


@pytest.mark.parametrize("way", [by_code, by_link])
def test_a_link_to_sign_in_drops_her_password(taken: App, way: object) -> None:
    letter = ask(taken, "otp")
    contract.session(
        by_code(taken, "email", letter) if way is by_code else by_link(taken, "email", letter)
    )
    assert not knows(taken, EVES)


def test_a_recovery_drops_her_password(taken: App) -> None:
    taken.keep(by_link(taken, "recovery", ask(taken, "recover")))
    assert not knows(taken, EVES)
    assert taken.auth("PUT", "user", {"password": ANNS}).status_code == 200
    assert knows(taken, ANNS)


def test_a_flow_drops_it_as_well(taken: App) -> None:
    setting(one_step_links=True)
    contract.session(trade(taken, flow_code(taken, ask(taken, "recover", **challenge()))))
    assert not knows(taken, EVES)


@pytest.mark.parametrize("way", [by_code, by_link])
def test_of_two_sign_ups_neither_password_survives(taken: App, way: object) -> None:
    letter = sign_up(taken, password=ANNS)
    answer = (
        by_code(taken, "signup", letter) if way is by_code else by_link(taken, "signup", letter)
    )
    taken.keep(answer)
    assert (knows(taken, EVES), knows(taken, ANNS)) == (False, False)
    assert taken.auth("PUT", "user", {"password": ANNS}).status_code == 200
    assert knows(taken, ANNS)


def test_nor_does_hers_if_she_signs_up_again_after_the_owner(taken: App) -> None:
    sign_up(taken, password=ANNS)
    contract.session(by_link(taken, "signup", sign_up(taken, password=EVES)))
    assert (knows(taken, EVES), knows(taken, ANNS)) == (False, False)


def test_nor_does_hers_if_she_signs_up_again_after_a_link_to_sign_in(taken: App) -> None:
    ask(taken, "otp")
    contract.session(by_link(taken, "signup", sign_up(taken, password=EVES)))
    assert not knows(taken, EVES)


def test_signing_up_twice_with_the_same_password_keeps_it(app: App) -> None:
    sign_up(app, password=ANNS)
    contract.session(by_link(app, "signup", sign_up(app, password=ANNS)))
    assert knows(app, ANNS)


def test_her_own_mail_is_void_by_then(app: App) -> None:
    eves = sign_up(app, password=EVES)
    sign_up(app, password=ANNS)
    contract.refused(by_link(app, "signup", eves), 403, "otp_expired")


@pytest.mark.parametrize("days", [0, 1, 3])
def test_a_later_sign_ups_mail_sent_once_more_brings_none_back(taken: App, days: int) -> None:
    with frozen() as moved:
        sign_up(taken, password=ANNS)
        moved.shift(timedelta(days=days))
        purge.purge()
        post(taken, "resend", type="signup", email=ANN)
        contract.session(by_link(taken, "signup", newest(ANN)))
    assert (knows(taken, EVES), knows(taken, ANNS)) == (False, False)


def test_nor_does_it_bring_hers_back_after_a_link_to_sign_in(taken: App) -> None:
    ask(taken, "otp")
    post(taken, "resend", type="signup", email=ANN)
    contract.session(by_link(taken, "signup", newest(ANN)))
    assert not knows(taken, EVES)


def test_what_was_set_up_before_the_owner_came_is_gone(app: App) -> None:
    """An account that was confirmed by itself, and then was no longer taken for confirmed."""
    setting(auto_confirm=True)
    eve = App(app.ref, app.anon_key)
    eve.sign_up(ANN, EVES)
    eve.reach_aal2()
    account = Account.objects.get()
    Identity.objects.create(
        backend=account.backend, account=account, provider="github", subject="eve"
    )
    setting(auto_confirm=False)
    Account.objects.update(email_confirmed_at=None)
    app.keep(by_link(app, "email", ask(app, "otp")))
    user = contract.user(app.auth("GET", "user").json())
    assert "factors" not in user
    assert [identity["provider"] for identity in user["identities"]] == ["email"]
    contract.refused(eve.auth("GET", "user"), 403, "session_not_found")
    assert not knows(app, EVES)


def test_the_password_of_the_only_sign_up_survives(taken: App) -> None:
    contract.session(by_link(taken, "signup", newest(ANN)))
    assert knows(taken, EVES)


def test_a_mail_asked_for_before_the_confirmation_takes_no_password_after_it(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up(app, password=ANNS)
    as_it_was = Account.objects.select_related("user").get()
    contract.session(by_link(app, "signup", newest(ANN)))
    as_it_was.backend = Account.objects.select_related("backend").get().backend
    monkeypatch.setattr(mail_asks, "_find", lambda *_: as_it_was)
    ask(app, "otp")
    assert knows(app, ANNS)
