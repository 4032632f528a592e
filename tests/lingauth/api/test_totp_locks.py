"""How often a code may be guessed (security 1.3): the schedule, and what does not reset it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from lingauth.core import clock
from lingauth.models import Event, GuessLimit
from tests.lingauth.api import contract
from tests.lingauth.api.people import Clock, app_of, beside, create, frozen, wrong
from tests.support.app import App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

MINUTE = 60
RIGHT = "right"


def ask(app: App, code: str = "", **body: Any) -> Any:
    """Give a wrong code, or the right one."""
    given = code_for(app.secret, clock.now().timestamp()) if code == RIGHT else wrong(app)
    return app.auth("POST", "mfa/verify", {"code": given, **body})


def miss(app: App, times: int) -> None:
    for _ in range(times):
        contract.refused(ask(app), 422, "mfa_verification_failed")


def locked(app: App, code: str = "", *, disabled: bool = False) -> int:
    """The answer is the lock's. Seconds it says to wait."""
    answer = ask(app, code)
    body = contract.refused(answer, 429, "over_request_rate_limit")
    assert body.get("details") == ({"disabled": True} if disabled else None)
    return int(answer.headers["Retry-After"])


def later(app: App, moved: Clock, seconds: float) -> None:
    """Move the clock, in the way of an app that stays open."""
    while seconds > 0:
        moved.shift(min(seconds, 1800))
        seconds -= 1800
        app.keep(app.refresh())


@pytest.fixture
def enrolled(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def begin(app: App) -> None:
    app.sign_in()
    app.reach_aal2(clock.now().timestamp())
    app.sign_in()


def test_the_whole_schedule(enrolled: App) -> None:
    """5 wrong: 15 minutes. 10: 30. 15: 60. 20: no code at all, until a recovery code."""
    with frozen() as moved:
        begin(enrolled)
        spare = beside(enrolled)
        moved.shift(30)
        spare.keep(ask(spare, RIGHT))
        codes = spare.auth("POST", "factors/recovery-codes").json()["codes"]
        moved.shift(60)
        for wait in (15 * MINUTE, 30 * MINUTE, 60 * MINUTE):
            miss(enrolled, 5)
            assert locked(enrolled) == wait
            assert locked(enrolled, RIGHT) == wait
            later(enrolled, moved, wait - 1)
            assert locked(enrolled, RIGHT) == 1
            moved.shift(1)
        miss(enrolled, 5)
        for _ in range(3):
            later(enrolled, moved, 24 * 60 * MINUTE)
            assert locked(enrolled, RIGHT, disabled=True) == 60 * MINUTE
        enrolled.keep(enrolled.auth("POST", "factors/recovery-codes/verify", {"code": codes[0]}))
        contract.session(ask(enrolled, RIGHT))
        assert Event.objects.filter(kind="factor_locked").count() == 4
        assert Event.objects.filter(kind="factor_refused", data__reason="wrong_code").count() == 16


def test_the_owner_is_told_of_each_lock_and_of_the_last(enrolled: App) -> None:
    with frozen() as moved:
        begin(enrolled)
        mail.outbox.clear()
        for wait in (15, 30, 60):
            miss(enrolled, 5)
            later(enrolled, moved, wait * MINUTE)
        assert len(mail.outbox) == 3
        miss(enrolled, 5)
        assert len(mail.outbox) == 4
        assert mail.outbox[2].body != mail.outbox[3].body
        assert {tuple(m.to) for m in mail.outbox} == {("ann@example.com",)}
        locked(enrolled, disabled=True)
        assert len(mail.outbox) == 4


def test_a_lock_answers_right_and_wrong_codes_alike(enrolled: App) -> None:
    """Status, body and headers: it is no oracle."""
    with frozen() as moved:
        begin(enrolled)
        moved.shift(60)
        miss(enrolled, 5)
        answers = [ask(enrolled), ask(enrolled, RIGHT), ask(beside(enrolled), RIGHT)]
        assert len({answer.content for answer in answers}) == 1
        assert len({contract.headers(answer) for answer in answers}) == 1
        moved.shift(15 * MINUTE)
        enrolled.keep(enrolled.refresh())
        contract.session(ask(enrolled, RIGHT))


def test_the_sixth_code_is_not_looked_at(enrolled: App) -> None:
    """Nor used up: it is good again when the lock is over."""
    with frozen() as moved:
        begin(enrolled)
        moved.shift(60)
        miss(enrolled, 5)
        moved.shift(15 * MINUTE - 1)
        enrolled.keep(enrolled.refresh())
        locked(enrolled, RIGHT)
        moved.shift(1)
        contract.session(ask(enrolled, RIGHT))


def test_one_counter_for_all_factors_sessions_and_challenges(enrolled: App) -> None:
    with frozen() as moved:
        begin(enrolled)
        moved.shift(30)
        enrolled.keep(ask(enrolled, RIGHT))
        made = enrolled.enroll("Second")
        first = enrolled.auth("GET", "user").json()["factors"][0]["id"]
        moved.shift(60)
        sessions = [enrolled, beside(enrolled), beside(enrolled)]
        for number in range(5):
            app = sessions[number % 3]
            id = made["id"] if app is enrolled else first
            answer = app.challenge_and_verify(id, wrong(enrolled))
            contract.refused(answer, 422, "mfa_verification_failed")
        for app in (*sessions, beside(enrolled)):
            locked(app, RIGHT)
            challenge = app.auth("POST", f"factors/{first}/challenge")
            body = {"challenge_id": challenge.json()["id"], "code": wrong(app)}
            answer = app.auth("POST", f"factors/{first}/verify", body)
            contract.refused(answer, 429, "over_request_rate_limit")


@pytest.mark.parametrize(
    "act", ["challenge", "sign in", "refresh", "set-up", "password", "sign out", "not a code"]
)
def test_what_does_not_reset_it(enrolled: App, act: str) -> None:
    with frozen():
        begin(enrolled)
        miss(enrolled, 4)
        factor = enrolled.auth("GET", "user").json()["factors"][0]["id"]
        match act:
            case "challenge":
                assert enrolled.auth("POST", f"factors/{factor}/challenge").status_code == 200
            case "sign in":
                enrolled.sign_in()
            case "refresh":
                enrolled.keep(enrolled.refresh())
            case "set-up":
                contract.refused(
                    enrolled.auth("POST", "factors", {"factor_type": "totp"}),
                    403,
                    "insufficient_aal",
                )
            case "password":
                enrolled.auth("PUT", "user", {"password": "another battery staple"})
            case "sign out":
                enrolled.auth("POST", "logout")
                enrolled.sign_in()
            case "not a code":
                for text in ("12345", "abcdef", "1234567"):
                    enrolled.auth("POST", "mfa/verify", {"code": text})
        assert GuessLimit.objects.get(kind="totp").failures == 4
        miss(enrolled, 1)
        locked(enrolled, RIGHT)


def test_somebody_elses_success_does_not_reset_it(enrolled: App) -> None:
    with frozen() as moved:
        begin(enrolled)
        others = [App(enrolled.ref, enrolled.anon_key), app_of(create("bravo"))]
        miss(enrolled, 4)
        for other, email in zip(others, ("bob@example.com", "ann@example.com"), strict=True):
            other.sign_up(email)
            other.reach_aal2(clock.now().timestamp())
            moved.shift(30)
            other.keep(ask(other, RIGHT))
        miss(enrolled, 1)
        locked(enrolled, RIGHT)
        for other in others:
            moved.shift(30)
            contract.session(ask(other, RIGHT))


def test_a_success_resets_it(enrolled: App) -> None:
    with frozen() as moved:
        begin(enrolled)
        for _ in range(3):
            moved.shift(30)
            miss(enrolled, 4)
            enrolled.keep(ask(enrolled, RIGHT))


def test_a_used_code_is_a_wrong_guess(enrolled: App) -> None:
    with frozen():
        begin(enrolled)
        for _ in range(5):
            contract.refused(ask(enrolled, RIGHT), 422, "mfa_verification_failed")
        locked(enrolled)
