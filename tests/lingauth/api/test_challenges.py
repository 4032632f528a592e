"""Challenges: what one is good for, and for how long (auth-wire 1.9, TH-07)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from lingauth.core import clock
from lingauth.models import GuessLimit
from tests.lingauth.api import contract
from tests.lingauth.api.people import STEP, UNKNOWN, app_of, beside, create, frozen, stored
from tests.support.app import App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db


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


def test_a_challenge(member: App) -> None:
    factor = member.enroll()["id"]
    with frozen():
        answer = member.auth("POST", f"factors/{factor}/challenge")
        assert answer.status_code == 200
        body = answer.json()
        assert body.keys() == {"id", "type", "expires_at"}
        assert UUID(body["id"])
        assert body["type"] == "totp"
        assert body["expires_at"] == int(clock.now().timestamp()) + 300
        listed = member.auth("GET", "user").json()["factors"][0]
        assert contract.moment(listed["last_challenged_at"]) == clock.now()


@pytest.mark.parametrize("seconds", [299, 300])
def test_a_challenge_lasts_five_minutes_whatever_is_refreshed(member: App, seconds: int) -> None:
    with frozen() as moved:
        member.sign_in()
        factor = member.enroll()["id"]
        asked = challenge(member, factor)
        moved.shift(seconds)
        member.keep(member.refresh())
        code = code_for(member.secret, now())
        answer = verify(member, factor, challenge_id=asked, code=code)
    if seconds < 300:
        contract.session(answer)
    else:
        contract.refused(answer, 422, "mfa_challenge_expired")


def test_a_challenge_is_good_for_one_success(member: App) -> None:
    with frozen() as moved:
        factor = member.reach_aal2()["id"]
        asked = challenge(member, factor)
        moved.shift(STEP)
        code = code_for(member.secret, now())
        member.keep(verify(member, factor, challenge_id=asked, code=code))
        moved.shift(STEP)
        code = code_for(member.secret, now())
        answer = verify(member, factor, challenge_id=asked, code=code)
        contract.refused(answer, 422, "mfa_challenge_expired")


def test_a_challenge_fits_its_session_factor_and_backend_alone(member: App) -> None:
    """Swapped one at a time, nothing is counted: the answer is no oracle (TH-07)."""
    with frozen() as moved:
        factor = member.reach_aal2()["id"]
        moved.shift(STEP)
        second = member.enroll("Second")
        other = beside(member)
        foreign = app_of(create("bravo"))
        foreign.sign_up("ann@example.com")
        theirs = foreign.enroll()["id"]
        code = code_for(second["totp"]["secret"], now())
        asked = challenge(member, second["id"])
        before = stored()
        counts = list(GuessLimit.objects.values())
        for app, of, used in (
            (member, factor, asked),
            (other, factor, asked),
            (member, second["id"], challenge(other, factor)),
            (foreign, theirs, asked),
            (member, second["id"], UNKNOWN),
            (member, second["id"], "not an id"),
        ):
            answer = verify(app, of, challenge_id=used, code=code)
            contract.refused(answer, 422, "mfa_challenge_expired")
        assert stored() == before | {"lingauth.TotpFactor": stored()["lingauth.TotpFactor"]}
        assert list(GuessLimit.objects.values()) == counts
        contract.session(verify(member, second["id"], challenge_id=asked, code=code))


@pytest.mark.parametrize("id", [None, ""])
def test_a_challenge_has_to_be_named(member: App, id: str | None) -> None:
    factor = member.enroll()["id"]
    answer = verify(member, factor, challenge_id=id, code="123456")
    contract.refused(answer, 400, "validation_failed")


def now() -> float:
    return clock.now().timestamp()
