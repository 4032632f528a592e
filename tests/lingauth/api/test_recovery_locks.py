"""How often a recovery code may be guessed: a counter of its own (security 1.5, TH-06)."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.core import clock
from lingauth.models import Event, GuessLimit
from tests.lingauth.api import contract
from tests.lingauth.api.people import beside, frozen, wrong
from tests.support.app import App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

PATH = "factors/recovery-codes"
MINUTE = 60


def use(app: App, code: str) -> Any:
    return app.auth("POST", f"{PATH}/verify", {"code": code})


def miss(app: App, times: int) -> None:
    for _ in range(times):
        contract.refused(use(app, "0" * 16), 422, "mfa_verification_failed")


def miss_totp(app: App, times: int) -> None:
    for _ in range(times):
        answer = app.auth("POST", "mfa/verify", {"code": wrong(app)})
        contract.refused(answer, 422, "mfa_verification_failed")


def begin(app: App) -> list[str]:
    """An account with codes, whose session is a new one. Answers the codes."""
    app.sign_up("ann@example.com")
    app.reach_aal2(clock.now().timestamp())
    codes: list[str] = app.auth("POST", PATH).json()["codes"]
    app.sign_in()
    return codes


def failures(kind: str) -> int:
    return GuessLimit.objects.get(kind=kind).failures


def test_the_schedule(app: App) -> None:
    with frozen() as moved:
        codes = begin(app)
        for wait in (15 * MINUTE, 30 * MINUTE, 60 * MINUTE):
            miss(app, 5)
            for code in ("0" * 16, codes[0]):
                answer = use(app, code)
                contract.refused(answer, 429, "mfa_recovery_codes_locked")
                assert int(answer.headers["Retry-After"]) == wait
            moved.shift(wait)
            app.keep(app.refresh())
        app.keep(use(app, codes[0]))
        assert failures("recovery") == 0
        refused = Event.objects.filter(kind="recovery_code_refused")
        assert refused.filter(data__reason="wrong_code").count() == 15
        assert refused.filter(data__reason="locked").count() == 6


def test_a_lock_answers_right_and_wrong_codes_alike(app: App) -> None:
    with frozen():
        codes = begin(app)
        miss(app, 5)
        answers = [use(app, "0" * 16), use(app, codes[0]), use(beside(app), codes[0])]
        assert len({answer.content for answer in answers}) == 1
        assert len({contract.headers(answer) for answer in answers}) == 1


def test_after_twenty_no_code_is_looked_at(app: App) -> None:
    with frozen() as moved:
        codes = begin(app)
        for _ in range(4):
            miss(app, 5)
            moved.shift(60 * MINUTE)
            app.keep(app.refresh())
        moved.shift(24 * 60 * MINUTE)
        app.keep(app.refresh())
        contract.refused(use(app, codes[0]), 429, "mfa_recovery_codes_locked")


def test_a_new_set_begins_again_where_guesses_had_ended_the_old_one(app: App) -> None:
    """Its owner proved an authenticator for it, and the secret that was guessed at is gone."""
    with frozen() as moved:
        begin(app)
        for _ in range(4):
            miss(app, 5)
            moved.shift(60 * MINUTE)
            app.keep(app.refresh())
        app.keep(
            app.auth("POST", "mfa/verify", {"code": code_for(app.secret, clock.now().timestamp())})
        )
        codes = app.auth("POST", f"{PATH}/regenerate").json()["codes"]
        contract.session(use(app, codes[0]))


def test_a_new_set_does_not_shorten_a_lock(app: App) -> None:
    with frozen() as moved:
        begin(app)
        moved.shift(30)
        miss(app, 5)
        app.keep(
            app.auth("POST", "mfa/verify", {"code": code_for(app.secret, clock.now().timestamp())})
        )
        codes = app.auth("POST", f"{PATH}/regenerate").json()["codes"]
        contract.refused(use(app, codes[0]), 429, "mfa_recovery_codes_locked")


def test_its_counter_and_that_of_codes_are_two(app: App) -> None:
    with frozen() as moved:
        codes = begin(app)
        moved.shift(60)
        miss_totp(app, 4)
        miss(app, 4)
        assert (failures("totp"), failures("recovery")) == (4, 4)
        app.keep(use(app, codes[0]))
        assert (failures("totp"), failures("recovery")) == (4, 0)
        miss_totp(app, 1)
        answer = app.auth("POST", "mfa/verify", {"code": wrong(app)})
        contract.refused(answer, 429, "over_request_rate_limit")


def test_a_code_of_the_authenticator_does_not_reset_it(app: App) -> None:
    with frozen() as moved:
        begin(app)
        moved.shift(60)
        miss(app, 4)
        app.keep(
            app.auth("POST", "mfa/verify", {"code": code_for(app.secret, clock.now().timestamp())})
        )
        assert failures("recovery") == 4
        miss(app, 1)
        contract.refused(use(app, "0" * 16), 429, "mfa_recovery_codes_locked")


def test_locked_codes_leave_the_authenticator_alone_and_the_reverse(app: App) -> None:
    with frozen() as moved:
        codes = begin(app)
        moved.shift(60)
        miss(app, 5)
        app.keep(
            app.auth("POST", "mfa/verify", {"code": code_for(app.secret, clock.now().timestamp())})
        )
        moved.shift(15 * MINUTE)
        app.sign_in()
        miss_totp(app, 5)
        contract.session(use(app, codes[0]))


def test_using_a_code_does_not_shorten_a_lock_of_the_authenticator(app: App) -> None:
    """Only one that wrong codes had ended for good begins again."""
    with frozen() as moved:
        codes = begin(app)
        moved.shift(60)
        miss_totp(app, 5)
        app.keep(use(app, codes[0]))
        answer = app.auth("POST", "mfa/verify", {"code": wrong(app)})
        contract.refused(answer, 429, "over_request_rate_limit")
