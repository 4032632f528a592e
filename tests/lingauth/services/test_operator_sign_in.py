"""The password of an operator: what is accepted, what a guess costs, what is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.core import clock, guesses
from lingauth.core.errors import InvalidCredentials, TooManyAttempts
from lingauth.models import Backend, GuessLimit, Operator
from lingauth.services import limits, operators, passwords
from lingauth.services.context import Actor
from tests.lingauth.api.people import Clock
from tests.support.acts import CLIENT, event, written
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db

BEN = "ben@example.com"
PASSWORD = "Am\u00e9lie's horse"
Users: Any = get_user_model()._default_manager


@pytest.fixture
def ben(moved: Clock) -> Any:
    backend = new_backend().backend
    made = operators.create(email=BEN, backend=backend, role="viewer", password=PASSWORD)
    return made.operator.user


def sign_in(email: str = BEN, password: str = PASSWORD) -> Any:
    return operators.sign_in(email=email, password=password, client=CLIENT)


def refusal(reason: str) -> dict[str, Any]:
    return event(
        "operator_sign_in_failed", actor=Actor("anonymous"), result="refused", reason=reason
    )


@pytest.mark.parametrize("written_as", [PASSWORD, "Ame\u0301lie's horse"])
def test_a_right_password_is_the_user_and_the_guesses_begin_again(
    ben: Any, written_as: str
) -> None:
    """NIST SP 800-63B-4, 3.1.1.2: normalised before it is compared."""
    with pytest.raises(InvalidCredentials):
        sign_in(password="wrong")
    assert sign_in("BEN@example.com", written_as) == ben
    guess = GuessLimit.objects.get()
    assert (guess.kind, guess.backend, guess.account, guess.failures, guess.locked_until) == (
        "password", None, None, 0, None,
    )  # fmt: skip
    actor = Actor("operator", str(ben.pk), BEN)
    assert written()[-1] == event("operator_signed_in", actor=actor)
    operators.sign_out(user=ben, client=CLIENT)
    assert written()[-1] == event("operator_signed_out", actor=actor)


def _nobody(ben: Any) -> None:
    ben.delete()


def _inactive(ben: Any) -> None:
    Users.update(is_active=False)


def _without_role(ben: Any) -> None:
    Operator.objects.all().delete()


@pytest.mark.parametrize(
    ("change", "password", "reason"),
    [
        (None, "wrong", "wrong_password"),
        (_nobody, PASSWORD, "wrong_password"),
        (_inactive, PASSWORD, "wrong_password"),
        (_without_role, PASSWORD, "no_role"),
        (_without_role, "wrong", "wrong_password"),
    ],
)
def test_whoever_may_not_is_told_the_same_and_pays_for_the_guess(
    ben: Any, change: Any, password: str, reason: str
) -> None:
    if change is not None:
        change(ben)
    before = len(written())
    with pytest.raises(InvalidCredentials) as refused:
        sign_in(password=password)
    assert str(refused.value) == "Invalid login credentials"
    assert written()[before:] == [refusal(reason)]
    assert GuessLimit.objects.values_list("failures", "updated_at").get() == (1, clock.now())


def test_a_role_of_somebody_else_is_none(ben: Any) -> None:
    Users.create_user("dan@example.com", "dan@example.com", PASSWORD)
    with pytest.raises(InvalidCredentials):
        sign_in("dan@example.com")
    assert written()[-1] == refusal("no_role")


@pytest.mark.parametrize(
    ("email", "password"), [("ben", PASSWORD), ("", PASSWORD), (BEN, ""), (BEN, 257 * "x")]
)
def test_what_is_no_address_or_no_password_is_refused_alike_and_costs_nothing(
    ben: Any, email: str, password: str
) -> None:
    before = written()
    with pytest.raises(InvalidCredentials) as refused:
        sign_in(email, password)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert (written(), GuessLimit.objects.count()) == (before, 0)


def test_ten_guesses_lock_the_address_for_a_quarter_of_an_hour(ben: Any, moved: Clock) -> None:
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            sign_in("Ben@Example.com", "wrong")
    moved.shift(timedelta(minutes=15) - timedelta(seconds=1))
    with pytest.raises(TooManyAttempts) as locked:
        sign_in()
    assert (locked.value.retry_after, locked.value.status) == (1, 429)
    assert written()[-1] == refusal("locked")
    assert GuessLimit.objects.get().failures == 10
    moved.shift(1)
    assert sign_in() == ben


def test_one_lock_is_not_anothers(ben: Any) -> None:
    """Neither another address nor a person of a backend shares it."""
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            sign_in("dan@example.com", "wrong")
    assert sign_in() == ben
    backend = Backend.objects.get()
    now = clock.now()
    given: dict[str, Any] = {"account": None, "now": now}
    assert (
        limits.claim(guesses.PASSWORD, subject=BEN, backend=backend, **given).number
        == limits.claim(guesses.PASSWORD, subject=BEN, backend=None, **given).number
        == 1
    )


def test_the_guess_is_paid_for_and_compared_in_one_turn(
    ben: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has to wait for hashing has not paid yet, and a 503 costs nothing."""
    inside: list[bool] = []
    matches = passwords.matches

    def watched(*given: Any, **more: Any) -> bool:
        inside.append(getattr(passwords._mine, "turn", False))
        return matches(*given, **more)

    monkeypatch.setattr(passwords, "matches", watched)
    sign_in()
    assert inside == [True]


def test_the_same_work_is_done_for_nobody(ben: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    matches = passwords.matches

    def watched(user: Any, text: str) -> bool:
        asked.append((user, text))
        return matches(user, text)

    monkeypatch.setattr(passwords, "matches", watched)
    with pytest.raises(InvalidCredentials):
        sign_in("nobody@example.com", "Ame\u0301lie")
    assert asked == [(None, "Am\u00e9lie")]


def test_it_commits_by_itself(ben: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guess, and then that it was right."""
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            sign_in()
        monkeypatch.setattr(limits, "must_commit_at_once", lambda: None)
        with pytest.raises(RuntimeError):
            sign_in()
