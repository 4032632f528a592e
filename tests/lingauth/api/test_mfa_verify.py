"""``POST mfa/verify``: a code in one call, for those without a client library."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.core import clock
from lingauth.models import TotpFactor
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


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def verify(app: App, **body: Any) -> Any:
    return app.auth("POST", "mfa/verify", body)


def code(app: App, secret: str | None = None) -> str:
    return code_for(secret or app.secret, clock.now().timestamp())


def test_it_finishes_a_set_up(member: App) -> None:
    member.enroll()
    body = contract.session(verify(member, code=code(member)))
    assert [f["status"] for f in body["user"]["factors"]] == ["verified"]


def test_it_takes_a_code_of_any_verified_factor(member: App) -> None:
    with frozen() as moved:
        member.sign_in()
        member.reach_aal2()
        first = member.secret
        made = member.enroll("Second")
        member.keep(member.challenge_and_verify(made["id"], code(member)))
        for secret in (first, member.secret):
            moved.shift(30)
            later = beside(member)
            contract.session(verify(later, code=code(later, secret)))


def test_a_named_factor_alone_is_asked(member: App) -> None:
    with frozen() as moved:
        member.sign_in()
        first = member.reach_aal2()["id"]
        old = member.secret
        made = member.enroll("Second")
        member.keep(member.challenge_and_verify(made["id"], code(member)))
        moved.shift(30)
        answer = verify(member, code=code(member, old), factor_id=made["id"])
        contract.refused(answer, 422, "mfa_verification_failed")
        contract.session(verify(member, code=code(member, old), factor_id=first))


def test_without_any_factor(member: App) -> None:
    contract.refused(verify(member, code="123456"), 404, "mfa_factor_not_found")


def test_a_wrong_code(member: App) -> None:
    with frozen():
        member.sign_in()
        member.enroll()
        answer = verify(member, code=wrong(member))
        contract.refused(answer, 422, "mfa_verification_failed", "Invalid TOTP code entered")
        assert not TotpFactor.objects.get().confirmed


def test_the_set_up_of_another_session_is_not_asked(member: App) -> None:
    member.enroll()
    other = beside(member)
    contract.refused(verify(other, code=code(member)), 404, "mfa_factor_not_found")


def test_a_set_up_is_not_asked_below_aal2_once_there_is_a_factor(member: App) -> None:
    with frozen() as moved:
        member.reach_aal2()
        owner = beside(member)
        prove(owner, moved)
        pending = owner.enroll("Second")["totp"]["secret"]
        moved.shift(30)
        thief = beside(member)
        answer = verify(thief, code=code(thief, pending))
        contract.refused(answer, 422, "mfa_verification_failed")


@pytest.mark.parametrize("whose", ["nobody", "neighbour", "other backend"])
def test_whatever_is_not_ones_own_is_unknown(member: App, whose: str) -> None:
    member.reach_aal2()
    other = App(member.ref, member.anon_key)
    if whose == "other backend":
        other = app_of(create("bravo"))
    other.sign_up("bob@example.com")
    id = UNKNOWN if whose == "nobody" else other.reach_aal2()["id"]
    before = stored()
    answer = verify(member, code="123456", factor_id=id)
    contract.refused(answer, 404, "mfa_factor_not_found", "Factor not found")
    assert stored() == before


def test_what_is_no_id(member: App) -> None:
    member.reach_aal2()
    answer = verify(member, code="123456", factor_id="x")
    contract.refused(answer, 404, "validation_failed", "factor_id must be an UUID")


def test_without_a_token_it_is_401(member: App) -> None:
    answer = member.auth("POST", "mfa/verify", {"code": "123456"}, anonymous=True)
    contract.refused(answer, 401, "no_authorization")
