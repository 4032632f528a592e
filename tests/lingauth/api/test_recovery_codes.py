"""``factors/recovery-codes``: all five calls (auth-wire 1.9, security 1.5)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.core import mail

from lingauth.core import clock
from lingauth.models import Event, GuessLimit, RecoveryCode, Session
from tests.lingauth.api import contract
from tests.lingauth.api.people import app_of, beside, create, frozen, prove, stored
from tests.support.app import App

pytestmark = pytest.mark.django_db

PATH = "factors/recovery-codes"
WRONG = "Invalid recovery code entered"


@pytest.fixture
def member(app: App) -> App:
    """An account with a factor, at fresh ``aal2``."""
    app.sign_up("ann@example.com")
    app.reach_aal2()
    return app


def made(app: App, path: str = PATH) -> dict[str, Any]:
    answer = app.auth("POST", path)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


def use(app: App, code: Any) -> Any:
    return app.auth("POST", f"{PATH}/verify", {"code": code})


def test_a_new_set(member: App) -> None:
    body = made(member)
    assert body.keys() == {"id", "type", "total", "codes"}
    assert (body["type"], body["total"]) == ("recovery_code", 10)
    assert UUID(body["id"])
    assert len(set(body["codes"])) == 10
    assert all(re.fullmatch(r"[0-9a-hjkmnp-tv-z]{16}", code) for code in body["codes"])
    assert Event.objects.filter(kind="recovery_codes_made").count() == 1
    assert mail.outbox[-1].to == ["ann@example.com"]


def test_codes_are_kept_as_digests_and_never_told_again(member: App) -> None:
    codes = made(member)["codes"]
    answer = member.auth("GET", PATH)
    digests = [bytes(row.digest) for row in RecoveryCode.objects.all()]
    for code in codes:
        assert code not in answer.content.decode()
        assert not any(code.encode() in digest for digest in digests)


def test_how_many_are_left(member: App) -> None:
    body = made(member)
    answer = member.auth("GET", PATH)
    told = {"id": body["id"], "type": "recovery_code", "total": 10, "remaining": 10}
    assert (answer.status_code, answer.json()) == (200, told)
    member.keep(use(member, body["codes"][3]))
    assert member.auth("GET", PATH).json() == told | {"remaining": 9}


def test_without_a_set(member: App) -> None:
    contract.refused(member.auth("GET", PATH), 404, "mfa_factor_not_found")
    contract.refused(member.auth("DELETE", PATH), 404, "mfa_factor_not_found")
    contract.refused(use(member, "0" * 16), 422, "mfa_verification_failed", WRONG)


def test_the_set_is_one_of_the_factors(member: App) -> None:
    body = made(member)
    factors = contract.user(member.auth("GET", "user").json())["factors"]
    assert [(f["factor_type"], f["status"]) for f in factors] == [
        ("totp", "verified"),
        ("recovery_code", "verified"),
    ]
    assert factors[1]["id"] == body["id"]
    member.keep(member.refresh())
    assert len(member.session["user"]["factors"]) == 2


def test_a_second_set_has_to_be_asked_for(member: App) -> None:
    made(member)
    before = stored()
    contract.refused(member.auth("POST", PATH), 422, "mfa_verified_factor_exists")
    assert stored() == before


def test_a_new_set_voids_the_whole_old_one(member: App) -> None:
    old = made(member)
    new = made(member, f"{PATH}/regenerate")
    assert new["id"] != old["id"]
    assert set(new["codes"]).isdisjoint(old["codes"])
    for code in old["codes"][:3]:
        contract.refused(use(member, code), 422, "mfa_verification_failed", WRONG)
    contract.session(use(member, new["codes"][0]))


def test_codes_are_never_the_only_factor(app: App) -> None:
    app.sign_up("ann@example.com")
    for path in (PATH, f"{PATH}/regenerate"):
        contract.refused(app.auth("POST", path), 422, "mfa_recovery_codes_sole_factor")


def test_removing_the_set(member: App) -> None:
    body = made(member)
    answer = member.auth("DELETE", PATH)
    assert (answer.status_code, answer.json()) == (200, {"id": body["id"]})
    contract.refused(member.auth("GET", PATH), 404, "mfa_factor_not_found")
    contract.refused(use(member, body["codes"][0]), 422, "mfa_verification_failed")


def test_a_code_raises_the_session_and_leaves_the_factors_alone(member: App) -> None:
    code = made(member)["codes"][0]
    later = beside(member)
    before = later.session["refresh_token"]
    body = contract.session(use(later, code))
    assert body["refresh_token"] != before
    assert [f["factor_type"] for f in body["user"]["factors"]] == ["totp", "recovery_code"]
    later.session = body
    assert later.auth("GET", "sessions").json()["sessions"][0]["aal"] == "aal2"
    session = Session.objects.get(verified_at=Session.objects.latest("verified_at").verified_at)
    assert [m["method"] for m in session.amr(clock.now())] == ["mfa/recovery_code", "password"]
    assert Event.objects.filter(kind="recovery_code_used").count() == 1
    assert "recovery code" in str(mail.outbox[-1].body).lower()


@pytest.mark.parametrize(
    "spell",
    [
        str.upper,
        lambda code: "-".join(code[i : i + 4] for i in range(0, 16, 4)),
        lambda code: f"  {code[:8]} {code[8:]} ",
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: code.replace("0", "o").replace("1", "I"),
    ],
)
def test_a_code_is_one_however_it_is_typed(member: App, spell: Any) -> None:
    code = made(member)["codes"][0]
    while not {"0", "1"} & set(code):
        code = made(member, f"{PATH}/regenerate")["codes"][0]
    member.keep(use(member, spell(code)))
    contract.refused(use(member, code), 422, "mfa_verification_failed", WRONG)


def test_a_code_works_once(member: App) -> None:
    code = made(member)["codes"][0]
    member.keep(use(member, code))
    contract.refused(use(member, code), 422, "mfa_verification_failed", WRONG)
    contract.refused(use(beside(member), code), 422, "mfa_verification_failed", WRONG)


def test_a_code_is_its_owners_alone(member: App) -> None:
    code = made(member)["codes"][0]
    neighbour = App(member.ref, member.anon_key)
    neighbour.sign_up("bob@example.com")
    neighbour.reach_aal2()
    made(neighbour)
    foreign = app_of(create("bravo"))
    foreign.sign_up("ann@example.com")
    foreign.reach_aal2()
    made(foreign)
    for other in (neighbour, foreign):
        contract.refused(use(other, code), 422, "mfa_verification_failed", WRONG)
    contract.session(use(member, code))


@pytest.mark.parametrize("code", ["", None])
def test_an_empty_code(member: App, code: str | None) -> None:
    contract.refused(use(member, code), 400, "validation_failed", "Code needs to be non-empty")


@pytest.mark.parametrize("code", ["x", "0" * 15, "0" * 17, "u" * 16, "\u00e9" * 16, "0" * 65, " "])
def test_what_is_no_code_costs_nothing(member: App, code: str) -> None:
    contract.refused(use(member, code), 422, "mfa_verification_failed", WRONG)
    assert not GuessLimit.objects.filter(kind="recovery").exists()


def test_making_and_removing_need_a_fresh_code(member: App) -> None:
    calls = [("POST", PATH), ("POST", f"{PATH}/regenerate"), ("DELETE", PATH)]
    made(member)
    with frozen() as moved:
        moved.shift(30)
        later = beside(member)
        before = stored()
        for method, path in calls:
            contract.refused(later.auth(method, path), 403, "insufficient_aal")
        assert stored() == before
        prove(later, moved)
        moved.shift(601)
        later.keep(later.refresh())
        for method, path in calls:
            body = contract.refused(later.auth(method, path), 403, "insufficient_aal")
            assert body["details"] == {"max_age": 600}
        assert later.auth("GET", PATH).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("POST", PATH),
        ("DELETE", PATH),
        ("POST", f"{PATH}/regenerate"),
        ("POST", f"{PATH}/verify"),
    ],
)
def test_without_a_token_it_is_401(member: App, method: str, path: str) -> None:
    answer = member.auth(method, path, {"code": "0" * 16}, anonymous=True)
    contract.refused(answer, 401, "no_authorization")
