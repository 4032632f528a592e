"""Each way in ends at ``aal1`` for an account with a factor: none of them stands for it (AU-11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lingauth.models import Session
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import (
    ANN,
    BOB,
    ask,
    by_code,
    by_link,
    challenge,
    claims,
    flow_code,
    follow,
    returned,
    setting,
    trade,
)
from tests.support.app import PASSWORD, App
from tests.support.mailbox import newest

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Way = Callable[[App], Any]


def _password(app: App) -> Any:
    body = {"email": ANN, "password": PASSWORD}
    return app.auth("POST", "token?grant_type=password", body, anonymous=True).json()


def _in_one_step(app: App) -> Any:
    return returned(follow(app, ask(app, "otp")))[2]


def _by_flow(path: str) -> Way:
    return lambda app: trade(app, flow_code(app, ask(app, path, **challenge()))).json()


def _to_a_new_address(app: App) -> Any:
    """By the session that proved its factor, confirmed on a device that did not."""
    setting(secure_email_change=False)
    assert app.auth("PUT", "user", {"email": BOB}).status_code == 200
    return by_link(app, "email_change", newest(BOB)).json()


WAYS: dict[str, Way] = {
    "a password": _password,
    "a code to sign in": lambda app: by_code(app, "email", ask(app, "otp")).json(),
    "a link to sign in": lambda app: by_link(app, "magiclink", ask(app, "otp")).json(),
    "a link in one step": _in_one_step,
    "a flow by magic link": _by_flow("otp"),
    "a recovery code by mail": lambda app: by_code(app, "recovery", ask(app, "recover")).json(),
    "a recovery link": lambda app: by_link(app, "recovery", ask(app, "recover")).json(),
    "a flow by recovery": _by_flow("recover"),
    "a new address": _to_a_new_address,
}


@pytest.mark.parametrize("way", WAYS)
def test_it_ends_at_aal1(member: App, way: str) -> None:
    member.reach_aal2()
    setting(one_step_links=True)
    session = WAYS[way](member)
    told = claims(session)
    assert told["aal"] == "aal1"
    assert Session.objects.get(pk=told["session_id"]).verified_at is None
    setting(mfa_mode="required")
    answer = member.data(token=session["access_token"])
    contract_of(answer)


def contract_of(answer: Any) -> None:
    """The data API asks for the factor."""
    assert (answer.status_code, answer.json()["code"]) == (403, "mfa_required")
    assert answer.json()["details"]["next"] == "challenge"


def test_two_mails_are_no_two_factors(member: App) -> None:
    """One after the other, in the same session or not, they are the first factor (EM-04)."""
    member.reach_aal2()
    device = App(member.ref, member.anon_key)
    device.keep(by_code(device, "email", ask(device, "otp")))
    code = ask(device, "otp").code
    answer = device.auth("POST", "mfa/verify", {"code": code})
    contract.refused(answer, 422, "mfa_verification_failed")
    device.keep(by_code(device, "recovery", ask(device, "recover")))
    assert claims(device.session)["aal"] == "aal1"
