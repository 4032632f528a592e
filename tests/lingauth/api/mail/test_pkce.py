"""PKCE: the link leads to a code, which only the app that asked can trade."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lingauth.models import Flow
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import (
    ANN,
    SITE,
    VERIFIER,
    ask,
    by_code,
    by_link,
    challenge,
    claims,
    flow_code,
    follow,
    post,
    returned,
    setting,
    sign_up,
    spent,
    trade,
)
from tests.lingauth.api.people import frozen
from tests.support.app import App
from tests.support.mailbox import Letter

pytestmark = [pytest.mark.django_db, pytest.mark.once]
GONE = "invalid flow state, no valid flow state found"


@pytest.fixture
def letter(member: App) -> Letter:
    """A mail to sign in with, for an app with PKCE, at a backend with one-step links."""
    setting(one_step_links=True)
    return ask(member, "otp", **challenge())


@pytest.mark.parametrize("method", ["s256", "S256", "plain"])
def test_the_code_is_traded_for_the_session(member: App, method: str) -> None:
    setting(one_step_links=True)
    flow = challenge(method=method.lower()) | {"code_challenge_method": method}
    mailed = ask(member, "otp", **flow)
    assert mailed.token.startswith("pkce_")
    place, query, fragment = returned(follow(member, mailed))
    assert (place.rstrip("/"), list(query), fragment) == (SITE, ["code"], {})
    session = contract.session(trade(member, query["code"]))
    assert session["user"]["email"] == ANN
    assert claims(session)["amr"][0]["method"] == "magiclink"


def test_sign_up_and_recovery_begin_flows_too(app: App) -> None:
    setting(one_step_links=True)
    code = flow_code(app, sign_up(app, **challenge()))
    session = contract.session(trade(app, code))
    assert claims(session)["amr"][0]["method"] == "email/signup"
    code = flow_code(app, ask(app, "recover", **challenge()))
    session = contract.session(trade(app, code))
    assert claims(session)["amr"][0]["method"] == "recovery"


def test_without_the_verifier_it_is_worth_nothing(member: App, letter: Letter) -> None:
    code = flow_code(member, letter)
    contract.refused(trade(member, code, "w" * 43), 400, "bad_code_verifier")
    contract.refused(trade(member, code, challenge()["code_challenge"]), 400, "bad_code_verifier")
    for body in ({"auth_code": code}, {"code_verifier": VERIFIER}, {}):
        answer = post(member, "token?grant_type=pkce", **body)
        contract.refused(answer, 400, "validation_failed")
    contract.session(trade(member, code))


def test_a_code_that_comes_again_ends_the_session_it_began(member: App, letter: Letter) -> None:
    code = flow_code(member, letter)
    device = App(member.ref, member.anon_key)
    device.keep(trade(device, code))
    contract.refused(trade(member, code), 404, "flow_state_not_found", GONE)
    contract.refused(device.auth("GET", "user"), 403, "session_not_found")
    assert device.refresh().status_code == 400
    assert member.auth("GET", "user").status_code == 200


@pytest.mark.parametrize(("seconds", "works"), [(59, True), (60, False)])
def test_a_code_lasts_a_minute(member: App, letter: Letter, seconds: int, works: bool) -> None:
    with frozen() as moved:
        mailed = ask(member, "otp", **challenge())
        code = flow_code(member, mailed)
        moved.shift(timedelta(seconds=seconds))
        answer = trade(member, code)
    if works:
        contract.session(answer)
    else:
        contract.refused(answer, 422, "flow_state_expired")


def test_the_code_of_one_flow_is_not_traded_with_the_verifier_of_another(member: App) -> None:
    setting(one_step_links=True)
    other = "another-verifier-of-43-characters-and-then-some"
    first = flow_code(member, ask(member, "otp", **challenge()))
    second = flow_code(member, ask(member, "otp", **challenge(other)))
    contract.refused(trade(member, second, VERIFIER), 400, "bad_code_verifier")
    contract.refused(trade(member, first, other), 400, "bad_code_verifier")
    contract.session(trade(member, first))


def test_a_link_is_followed_once(member: App, letter: Letter) -> None:
    flow_code(member, letter)
    _, query, fragment = returned(follow(member, letter))
    assert query["error_code"] == "otp_expired"
    assert {name: fragment[name] for name in query} == query
    spent(member, letter, "magiclink")


def test_the_mails_code_and_token_need_no_verifier(member: App) -> None:
    """The app that shows a field for the code, or is handed the link itself, has no redirect."""
    contract.session(by_code(member, "magiclink", ask(member, "otp", **challenge())))
    contract.session(by_link(member, "magiclink", ask(member, "otp", **challenge())))


def test_a_code_from_before_a_new_password_is_dead(member: App, letter: Letter) -> None:
    code = flow_code(member, letter)
    answer = member.auth("PUT", "user", {"password": "another battery staple"})
    assert answer.status_code == 200
    contract.refused(trade(member, code), 404, "flow_state_not_found")


@pytest.mark.parametrize("path", ["signup", "otp", "recover", "resend"])
@pytest.mark.parametrize(
    "flow",
    [
        {"code_challenge": "c" * 43},
        {"code_challenge_method": "s256"},
        challenge() | {"code_challenge_method": "s512"},
        {"code_challenge": "c" * 42, "code_challenge_method": "plain"},
        {"code_challenge": "c" * 129, "code_challenge_method": "plain"},
        {"code_challenge": "c" * 43 + "!", "code_challenge_method": "plain"},
    ],
)
def test_half_a_flow_is_none(app: App, path: str, flow: dict[str, str]) -> None:
    body = {"email": ANN, "password": "correct horse battery", "type": "signup", **flow}
    contract.refused(post(app, path, **body), 400, "validation_failed")
    assert not Flow.objects.exists()


@pytest.mark.parametrize("code", ["", "x", "\u00e9" * 9, "0" * 300])
def test_what_is_no_code(app: App, code: str) -> None:
    answer = trade(app, code)
    assert (answer.status_code, answer.json()["code"]) == (
        (404, "flow_state_not_found") if code else (400, "validation_failed")
    )
