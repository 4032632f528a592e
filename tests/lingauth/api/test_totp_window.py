"""Which codes count, and that each counts once (security OT-04 to OT-10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lingauth.core import clock
from lingauth.models import Event, TotpFactor
from tests.lingauth.api import contract
from tests.lingauth.api.people import STEP, Clock, beside, frozen
from tests.support.app import App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

USED = "That code was already used. Wait for the next one."
WRONG = "Invalid TOTP code entered"


def now() -> float:
    return clock.now().timestamp()


def ask(app: App, at: float) -> Any:
    """Give the code of the time ``at``."""
    return app.auth("POST", "mfa/verify", {"code": code_for(app.secret, at)})


@pytest.fixture
def enrolled(app: App) -> App:
    """An account whose factor was verified a minute and more ago; the session is a new one."""
    app.sign_up("ann@example.com")
    return app


def begin(app: App, moved: Clock) -> float:
    """Enrol, and go to the start of a step far from it. Answers its time."""
    app.sign_in()
    app.reach_aal2(now())
    app.sign_in()
    moved.shift(10 * STEP)
    app.keep(app.refresh())
    return now()


@pytest.mark.parametrize(
    ("step", "accepted"), [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
@pytest.mark.parametrize("inside", [0, 29.999])
def test_one_step_on_either_side(enrolled: App, step: int, accepted: bool, inside: float) -> None:
    """The step is the server's, from its first instant to its last."""
    with frozen() as moved:
        start = begin(enrolled, moved)
        moved.shift(inside)
        answer = ask(enrolled, start + 30 * step)
        if accepted:
            contract.session(answer)
        else:
            contract.refused(answer, 422, "mfa_verification_failed")


@pytest.mark.parametrize(("after", "accepted"), [(59.999, True), (60.0, False)])
def test_the_last_instant_of_a_code(enrolled: App, after: float, accepted: bool) -> None:
    with frozen() as moved:
        start = begin(enrolled, moved)
        moved.shift(after)
        assert (ask(enrolled, start).status_code == 200) is accepted


@pytest.mark.parametrize(("before", "accepted"), [(30.0, True), (30.001, False)])
def test_the_first_instant_of_a_code(enrolled: App, before: float, accepted: bool) -> None:
    with frozen() as moved:
        start = begin(enrolled, moved)
        moved.shift(60 - before)
        assert (ask(enrolled, start + 60).status_code == 200) is accepted


def test_an_enrolment_has_the_same_window(app: App) -> None:
    with frozen():
        app.sign_up("ann@example.com")
        app.enroll()
        for step, status in ((-2, 422), (2, 422), (1, 200)):
            assert ask(app, now() + 30 * step).status_code == status


def test_the_code_of_the_enrolment_counts_as_used(app: App) -> None:
    with frozen():
        app.sign_up("ann@example.com")
        factor = app.reach_aal2(now())["id"]
        for answer in (
            ask(app, now()),
            app.challenge_and_verify(factor, code_for(app.secret, now())),
        ):
            body = contract.refused(answer, 422, "mfa_verification_failed", USED)
            assert body["details"] == {"reused": True}


def test_a_used_code_is_used_in_every_session_and_challenge(enrolled: App) -> None:
    with frozen() as moved:
        start = begin(enrolled, moved)
        other = beside(enrolled)
        contract.session(ask(enrolled, start))
        factor = other.auth("GET", "user").json()["factors"][0]["id"]
        for answer in (
            ask(other, start),
            other.challenge_and_verify(factor, code_for(other.secret, start)),
        ):
            contract.refused(answer, 422, "mfa_verification_failed", USED)
        assert Event.objects.filter(kind="factor_refused", data__reason="reused").count() == 2


def test_an_older_step_is_used_up_by_a_newer_one(enrolled: App) -> None:
    with frozen() as moved:
        start = begin(enrolled, moved)
        contract.session(ask(enrolled, start + 30))
        other = beside(enrolled)
        for step in (-30, 0, 30):
            contract.refused(ask(other, start + step), 422, "mfa_verification_failed", USED)
        moved.shift(STEP)
        contract.session(ask(other, start + 60))


def test_a_used_code_of_yesterday_stays_used(enrolled: App) -> None:
    """The step that was used is kept, not how long ago: a clock set back opens nothing."""
    with frozen() as moved:
        start = begin(enrolled, moved)
        enrolled.keep(ask(enrolled, start))
        kept = TotpFactor.objects.get().last_step
        moved.shift(timedelta(days=1))
        enrolled.keep(enrolled.refresh())
        moved.shift(-timedelta(days=1))
        contract.refused(ask(beside(enrolled), start), 422, "mfa_verification_failed", USED)
        assert TotpFactor.objects.get().last_step == kept == start // 30


def test_two_factors_use_up_their_own_steps(enrolled: App) -> None:
    with frozen() as moved:
        begin(enrolled, moved)
        enrolled.keep(ask(enrolled, now()))
        first = enrolled.secret
        made = enrolled.enroll("Second")
        enrolled.keep(enrolled.challenge_and_verify(made["id"], code_for(enrolled.secret, now())))
        enrolled.secret = first
        contract.refused(ask(enrolled, now()), 422, "mfa_verification_failed", USED)


def test_the_window_does_not_follow_a_phone_that_drifts(enrolled: App) -> None:
    """Twenty codes from a phone half a minute ahead do not make a whole minute acceptable."""
    with frozen() as moved:
        begin(enrolled, moved)
        for _ in range(20):
            moved.shift(STEP)
            enrolled.keep(ask(enrolled, now() + 30))
        moved.shift(STEP)
        contract.refused(ask(enrolled, now() + 60), 422, "mfa_verification_failed", WRONG)


def test_an_old_code_is_told_to_set_the_clock_and_one_to_come_is_not(enrolled: App) -> None:
    """What is past for good may be told; what is to come would be a hint worth having."""
    with frozen() as moved:
        start = begin(enrolled, moved)
        late = contract.refused(ask(enrolled, start - 90), 422, "mfa_verification_failed")
        early = contract.refused(ask(enrolled, start + 90), 422, "mfa_verification_failed", WRONG)
        assert "time" in late["message"]
        assert late["details"] == {"late": True}
        assert "details" not in early
