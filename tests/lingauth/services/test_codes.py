"""Judging a code: which factor's it is, what it costs, and django-otp's own door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import transaction

from lingauth.core import clock, guesses
from lingauth.core.errors import CodeRefused, TooManyAttempts
from lingauth.models import GuessLimit, TotpFactor
from lingauth.services import codes
from lingauth.services.limits import Guess
from tests.lingauth.api.people import STEP, Clock
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

LATE = "Your code looks out of date. Set your phone's time to automatic and try again."


@pytest.fixture
def person(moved: Clock) -> Person:
    """With a factor, long since, and nothing counted."""
    enrolled = Person.sign_up(new_backend().backend).enrol()
    GuessLimit.objects.all().delete()
    moved.shift(timedelta(minutes=20))
    return enrolled


def factor() -> TotpFactor:
    return TotpFactor.objects.get()


def judge(
    person: Person, code: object, factors: Sequence[TotpFactor] | None = None
) -> codes.Match | tuple[Guess, CodeRefused]:
    return codes.judge(
        code,
        factors=[factor()] if factors is None else factors,
        user_id=person.account.user_id,
        backend=person.session.backend,
        account=person.account,
        now=clock.now(),
    )


def wrong(person: Person) -> str:
    near = {person.code(steps) for steps in range(-12, 3)}
    return next(code for n in range(100) if (code := f"{n:06}") not in near)


def step() -> int:
    return int(clock.now().timestamp()) // 30


def key_of(person: Person) -> str:
    text = f"backend {person.session.backend_id}\ntotp\nuser {person.account.user_id}"
    return sha256(text.encode()).hexdigest()


def counted() -> list[dict[str, Any]]:
    return [dict(row) for row in GuessLimit.objects.values()]


def a_count(person: Person, failures: int) -> dict[str, Any]:
    return {
        "key": key_of(person),
        "kind": "totp",
        "backend_id": person.session.backend_id,
        "account_id": person.account.pk,
        "failures": failures,
        "locked_until": None,
        "updated_at": clock.now(),
    }


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_right_code_has_cost_a_guess_until_it_is_used_up(person: Person, steps: int) -> None:
    verdict = judge(person, person.code(steps))
    guess = Guess(key_of(person), guesses.TOTP, 1)
    assert verdict == codes.Match(factor(), step() + steps, guess)
    assert counted() == [a_count(person, 1)]
    assert isinstance(verdict, codes.Match)
    later = clock.now() + STEP
    verdict.burn(later)
    assert (factor().last_step, factor().last_used_at) == (step() + steps, later)
    assert counted() == [a_count(person, 0) | {"updated_at": later}]


def test_a_code_is_used_up_once_and_those_before_it_too(person: Person) -> None:
    used, before = judge(person, person.code()), judge(person, person.code(-1))
    assert isinstance(used, codes.Match)
    assert isinstance(before, codes.Match)
    used.burn(clock.now())
    GuessLimit.objects.update(failures=3)
    for verdict in (used, before):
        with pytest.raises(CodeRefused) as refused:
            verdict.burn(clock.now())
        error = refused.value
        assert error.message == "That code was already used. Wait for the next one."
        assert (error.reused, error.late, error.details) == (True, False, {"reused": True})
    assert GuessLimit.objects.get().failures == 3


def test_every_factor_is_tried_and_the_one_it_fits_is_told(person: Person) -> None:
    first, code = factor(), person.code()
    person.grant = person.sign_in()
    TotpFactor.objects.update(confirmed=False)
    person.enrol("Second")
    second = TotpFactor.objects.get(uuid=person.factor)
    for found, given in ((first, code), (second, person.code())):
        for factors in ([first, second], [second, first]):
            verdict = judge(person, given, factors)
            assert isinstance(verdict, codes.Match)
            assert verdict.factor == found
        GuessLimit.objects.update(failures=0, locked_until=None)


@pytest.mark.parametrize("steps", [-11, -10, -5, -2, 2, 5])
def test_a_code_that_was_right_lately_is_told_apart(person: Person, steps: int) -> None:
    verdict = judge(person, person.code(steps))
    assert not isinstance(verdict, codes.Match)
    guess, refusal = verdict
    assert guess == Guess(key_of(person), guesses.TOTP, 1)
    late = -10 <= steps <= -2
    assert (refusal.late, refusal.reused) == (late, False)
    assert refusal.details == ({"late": True} if late else None)
    assert refusal.message == (LATE if late else "Invalid TOTP code entered")
    assert counted() == [a_count(person, 1)]


def test_of_a_set_up_nothing_is_told_apart(person: Person) -> None:
    """It has had no code yet that its clock could be late by."""
    TotpFactor.objects.update(confirmed=False)
    verdict = judge(person, person.code(-3))
    assert not isinstance(verdict, codes.Match)
    assert not verdict[1].late


@pytest.mark.parametrize("text", [None, "", "12345", "1234567", 123456, "12345x"])
def test_what_is_no_code_costs_nothing_at_either_door(person: Person, text: object) -> None:
    with pytest.raises(CodeRefused) as refused:
        judge(person, text)
    assert (refused.value.message, refused.value.details) == ("Invalid TOTP code entered", None)
    assert factor().verify_token(text) is False
    assert counted() == []


def test_while_codes_are_locked_neither_door_opens(person: Person) -> None:
    for number in range(1, 6):
        verdict = judge(person, wrong(person))
        assert not isinstance(verdict, codes.Match)
        assert verdict[0].number == number
    assert factor().verify_token(person.code()) is False
    with pytest.raises(TooManyAttempts) as refused:
        judge(person, person.code())
    assert (refused.value.retry_after, refused.value.code) == (900, "over_request_rate_limit")
    assert GuessLimit.objects.get().failures == 5
    assert factor().last_step != step(), "nor is the code used up"


def test_it_is_not_asked_for_inside_a_transaction_and_the_other_door_is(person: Person) -> None:
    """django-otp holds the row while it asks, and commits what was counted."""
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            judge(person, person.code())
        assert factor().verify_token(wrong(person)) is False
        assert counted() == [a_count(person, 1)]


def test_the_other_door_opens_once_for_a_code(person: Person) -> None:
    before = TotpFactor.objects.values().get()
    GuessLimit.objects.create(key=key_of(person), kind="totp", failures=3, updated_at=clock.now())
    backend, account = person.session.backend_id, person.account.pk
    GuessLimit.objects.update(backend_id=backend, account_id=account)
    assert factor().verify_token(person.code()) is True
    after = TotpFactor.objects.values().get()
    assert after == before | {"last_step": step(), "last_used_at": clock.now()}
    assert counted() == [a_count(person, 0)]
    for number, code in enumerate((person.code(), person.code(-1), wrong(person)), 1):
        assert factor().verify_token(code) is False
        assert counted() == [a_count(person, number)]


def test_the_other_door_confirms_no_set_up(person: Person) -> None:
    TotpFactor.objects.update(confirmed=False)
    assert factor().verify_token(person.code()) is False
    assert not factor().confirmed
    assert counted() == []
