"""``POST factors/{id}/verify`` (auth-wire 1.9)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from lingauth.core import clock
from lingauth.models import Event, GuessLimit, Session
from tests.lingauth.api import contract
from tests.lingauth.api.people import (
    UNKNOWN,
    app_of,
    beside,
    create,
    frozen,
    prove,
    stored,
    wrong,
)
from tests.support.app import App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

NO_CODES = ("", " ", None)
NOT_CODES = ("12345", "1234567", "12345a", "+12345", "12_345", "0x1234", "1e5", "one", "1.2345")


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def challenge(app: App, factor: str) -> str:
    answer = app.auth("POST", f"factors/{factor}/challenge", {"factorId": factor, "channel": None})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["id"])


def verify(app: App, factor: str, **body: Any) -> Any:
    return app.auth("POST", f"factors/{factor}/verify", body)


def test_verifying_is_a_session_at_aal2_with_new_tokens(member: App) -> None:
    before = {member.session["access_token"], member.session["refresh_token"]}
    made = member.enroll()
    code = code_for(member.secret)
    answer = verify(member, made["id"], challenge_id=challenge(member, made["id"]), code=code)
    body = contract.session(answer)
    assert {body["access_token"], body["refresh_token"]}.isdisjoint(before)
    assert [f["status"] for f in body["user"]["factors"]] == ["verified"]
    assert Session.objects.get().level(clock.now()) == "aal2"
    assert Event.objects.filter(kind="factor_enrolled").count() == 1
    assert mail.outbox[-1].to == ["ann@example.com"]


def test_the_access_token_from_before_is_no_more_than_the_session_is(member: App) -> None:
    """The level is the session's, so an older token of it just ends earlier."""
    old = member.session["access_token"]
    member.reach_aal2()
    assert member.auth("GET", "sessions", token=old).json()["sessions"][0]["aal"] == "aal2"


def test_finishing_a_set_up_ends_the_sessions_that_never_proved_it(member: App) -> None:
    other = beside(member)
    member.reach_aal2()
    contract.refused(other.auth("GET", "user"), 403, "session_not_found")
    contract.refused(other.refresh(), 400, "refresh_token_not_found")


@pytest.mark.parametrize("code", NO_CODES)
def test_an_empty_code(member: App, code: str | None) -> None:
    factor = member.enroll()["id"]
    asked = challenge(member, factor)
    answers = [
        verify(member, factor, challenge_id=asked, code=code),
        member.auth("POST", "mfa/verify", {"code": code}),
    ]
    for answer in answers:
        contract.refused(answer, 400, "validation_failed", "Code needs to be non-empty")


@pytest.mark.parametrize("code", NOT_CODES)
def test_what_is_no_code_is_a_wrong_one(member: App, code: str) -> None:
    factor = member.enroll()["id"]
    asked = challenge(member, factor)
    answer = verify(member, factor, challenge_id=asked, code=code)
    contract.refused(answer, 422, "mfa_verification_failed", "Invalid TOTP code entered")


def test_a_wrong_code_is_counted_and_the_challenge_stays_open(member: App) -> None:
    with frozen():
        factor = member.enroll()["id"]
        asked = challenge(member, factor)
        answer = verify(member, factor, challenge_id=asked, code=wrong(member))
        contract.refused(answer, 422, "mfa_verification_failed", "Invalid TOTP code entered")
        assert GuessLimit.objects.get(kind="totp").failures == 1
        code = code_for(member.secret, now())
        contract.session(verify(member, factor, challenge_id=asked, code=code))
        assert GuessLimit.objects.get(kind="totp").failures == 0


@pytest.mark.parametrize("spelt", ["{} ", " {}", "{:.3}\u00a0{rest}", "{:.3}-{rest}", "{full}"])
def test_a_code_as_people_type_it(member: App, spelt: str) -> None:
    with frozen():
        factor = member.enroll()["id"]
        code = code_for(member.secret, now())
        full = code.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
        typed = spelt.format(code, rest=code[3:], full=full)
        contract.session(verify(member, factor, challenge_id=challenge(member, factor), code=typed))


def test_whatever_is_not_ones_own_is_unknown(member: App) -> None:
    member.reach_aal2()
    neighbour = App(member.ref, member.anon_key)
    neighbour.sign_up("bob@example.com")
    foreign = app_of(create("bravo"))
    foreign.sign_up("ann@example.com")
    ids = [UNKNOWN, neighbour.reach_aal2()["id"], foreign.reach_aal2()["id"]]
    before = stored()
    for path in ("challenge", "verify"):
        body = {"challenge_id": UNKNOWN, "code": "123456"}
        answers = [member.auth("POST", f"factors/{id}/{path}", body) for id in ids]
        for answer in answers:
            contract.refused(answer, 404, "mfa_factor_not_found", "Factor not found")
        assert len({answer.content for answer in answers}) == 1
        bad = member.auth("POST", f"factors/x/{path}", body)
        contract.refused(bad, 404, "validation_failed", "factor_id must be an UUID")
    assert stored() == before


@pytest.mark.parametrize("seconds", [599, 600])
def test_a_set_up_lasts_ten_minutes(member: App, seconds: int) -> None:
    with frozen() as moved:
        member.sign_in()
        member.enroll()
        moved.shift(seconds)
        member.keep(member.refresh())
        body = {"code": code_for(member.secret, now())}
        answer = member.auth("POST", "mfa/verify", body)
    if seconds < 600:
        contract.session(answer)
    else:
        contract.refused(answer, 404, "mfa_factor_not_found")


def test_a_set_up_below_aal2_cannot_be_finished_once_there_is_a_factor(member: App) -> None:
    """Two factors; one session begins a third, another removes the first, which lowers both."""
    with frozen() as moved:
        member.sign_in()
        first = member.reach_aal2()["id"]
        made = member.enroll("Second")
        member.keep(member.challenge_and_verify(made["id"], code_for(member.secret, now())))
        keeps = member.secret
        third = member.enroll("Third")["id"]
        other = beside(member)
        other.secret = keeps
        prove(other, moved)
        assert other.auth("DELETE", f"factors/{first}").status_code == 200
        for path in ("challenge", "verify"):
            body = {"challenge_id": UNKNOWN, "code": code_for(member.secret, now())}
            answer = member.auth("POST", f"factors/{third}/{path}", body)
            contract.refused(answer, 403, "insufficient_aal")
        answer = member.auth("POST", "mfa/verify", {"code": code_for(member.secret, now())})
        contract.refused(answer, 422, "mfa_verification_failed")


def now() -> float:
    return clock.now().timestamp()


def test_two_set_ups_of_one_name_and_the_second_to_finish_is_told(member: App) -> None:
    with frozen() as moved:
        member.sign_in()
        member.reach_aal2()
        other = beside(member)
        prove(other, moved)
        moved.shift(30)
        mine, theirs = member.enroll("Phone"), other.enroll("Phone")
        member.keep(member.challenge_and_verify(mine["id"], code_for(member.secret, now())))
        answer = other.challenge_and_verify(theirs["id"], code_for(other.secret, now()))
        contract.refused(answer, 422, "mfa_factor_name_conflict")
        assert Session.objects.filter(ended_at=None).count() == 2
