"""Guesses are paid for before they are looked at: what is counted, and what a refusal tells."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from django.db import transaction

from lingauth.core import guesses
from lingauth.core.errors import TooManyAttempts
from lingauth.core.rates import Rate
from lingauth.models import Account, Backend, GuessLimit, RateLimit
from lingauth.models.guess_limit import GuessLimitQuerySet
from lingauth.services import limits
from lingauth.services.backends import NewBackend
from tests.support.app import App

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ANN = "ann@example.com"
MINUTE = timedelta(minutes=1)
TWO_A_MINUTE = Rate("network", 2, MINUTE)


def guess(
    backend: Backend | None,
    rule: guesses.Rule = guesses.PASSWORD,
    now: datetime = NOON,
    **more: Any,
) -> limits.Guess:
    return limits.claim(
        rule, subject=ANN, backend=backend, account=more.pop("account", None), now=now, **more
    )


def refused(*given: Any, **more: Any) -> dict[str, Any]:
    with pytest.raises(TooManyAttempts) as caught:
        guess(*given, **more)
    error = caught.value
    return {
        "code": error.code,
        "status": error.status,
        "retry_after": error.retry_after,
        "details": error.details,
        "disabled": error.disabled,
        "of_network": error.of_network,
    }


def wait(seconds: int, **more: Any) -> dict[str, Any]:
    """A refusal as it is to be."""
    return {
        "code": "over_request_rate_limit",
        "status": 429,
        "retry_after": seconds,
        "details": None,
        "disabled": False,
        "of_network": False,
        **more,
    }


DISABLED = {"details": {"disabled": True}, "disabled": True}


def key_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_a_guess_is_a_row_of_its_backend_and_subject(app: App, made: NewBackend) -> None:
    app.sign_up(ANN)
    GuessLimit.objects.all().delete()
    account = Account.objects.get()
    key = key_of(f"backend {made.backend.pk}\npassword\n{ANN}")
    assert guess(made.backend, account=account) == limits.Guess(key, guesses.PASSWORD, 1)
    row = {
        "key": key,
        "kind": "password",
        "backend_id": made.backend.pk,
        "account_id": account.pk,
        "failures": 1,
        "locked_until": None,
        "updated_at": NOON,
    }
    assert list(GuessLimit.objects.order_by("pk").values()) == [row]
    assert guess(made.backend, now=NOON + MINUTE).number == 2
    row |= {"failures": 2, "updated_at": NOON + MINUTE}
    assert list(GuessLimit.objects.order_by("pk").values()) == [row], (
        "whose account it was is not forgotten"
    )


@pytest.mark.django_db
def test_operators_have_counters_of_their_own() -> None:
    guess(None, guesses.TOTP)
    row = GuessLimit.objects.get()
    assert (row.key, row.backend_id, row.account_id) == (
        key_of(f"operators\ntotp\n{ANN}"),
        None,
        None,
    )


@pytest.mark.django_db
def test_a_right_guess_sets_its_own_counter_back(made: NewBackend) -> None:
    aside = guess(made.backend, guesses.TOTP)
    GuessLimit.objects.update(failures=4, locked_until=NOON)
    right = guess(made.backend)
    later = NOON + MINUTE
    right.release(later)
    told = GuessLimit.objects.values_list("key", "failures", "locked_until", "updated_at")
    assert set(told) == {(aside.key, 4, NOON, NOON), (right.key, 0, None, later)}


@pytest.mark.django_db
def test_forgiving_is_for_that_rule_subject_and_backend(made: NewBackend) -> None:
    for backend, rule in (
        (made.backend, guesses.PASSWORD),
        (made.backend, guesses.TOTP),
        (None, guesses.PASSWORD),
    ):
        guess(backend, rule)
    later = NOON + MINUTE
    limits.forgive(guesses.PASSWORD, subject=ANN, backend=made.backend, now=later)
    forgiven = GuessLimit.objects.get(failures=0)
    assert forgiven.key == key_of(f"backend {made.backend.pk}\npassword\n{ANN}")
    assert forgiven.updated_at == later
    assert GuessLimit.objects.filter(failures=1).count() == 2


@pytest.mark.parametrize(
    ("rule", "number", "locks", "last"),
    [
        (guesses.TOTP, 4, False, False),
        (guesses.TOTP, 5, True, False),
        (guesses.TOTP, 6, False, False),
        (guesses.TOTP, 15, True, False),
        (guesses.TOTP, 19, False, False),
        (guesses.TOTP, 20, True, True),
        (guesses.TOTP, 21, False, True),
    ],
)
def test_a_guess_knows_whether_it_locks(
    rule: guesses.Rule, number: int, locks: bool, last: bool
) -> None:
    made = limits.Guess("key", rule, number)
    assert (made.locks, made.is_last) == (locks, last)


@pytest.mark.django_db
def test_a_lock_is_told_by_whole_seconds_until_it_is_over(made: NewBackend) -> None:
    for _ in range(5):
        guess(made.backend, guesses.TOTP)
    for seconds, left in ((0, 900), (0.5, 900), (1, 899), (899, 1), (899.9, 1)):
        now = NOON + timedelta(seconds=seconds)
        assert refused(made.backend, guesses.TOTP, now) == wait(left)
        told = refused(made.backend, guesses.TOTP, now, locked_code="mine")
        assert told == wait(left, code="mine")
    assert GuessLimit.objects.get().failures == 5
    assert guess(made.backend, guesses.TOTP, NOON + timedelta(seconds=900)).number == 6


@pytest.mark.django_db
@pytest.mark.parametrize("until", [None, NOON - MINUTE, NOON])
def test_where_only_a_reset_helps_an_hour_is_named(
    made: NewBackend, until: datetime | None
) -> None:
    guess(made.backend, guesses.TOTP)
    GuessLimit.objects.update(failures=20, locked_until=until)
    assert refused(made.backend, guesses.TOTP) == wait(3600, **DISABLED)
    assert refused(made.backend, guesses.TOTP, unless=TWO_A_MINUTE) == wait(3600, **DISABLED)
    GuessLimit.objects.update(failures=21)
    assert refused(made.backend, guesses.TOTP) == wait(3600, **DISABLED)


@pytest.mark.django_db
def test_the_last_lock_but_one_tells_its_own_time(made: NewBackend) -> None:
    guess(made.backend, guesses.TOTP)
    GuessLimit.objects.update(failures=20, locked_until=NOON + 2 * MINUTE)
    assert refused(made.backend, guesses.TOTP) == wait(120, **DISABLED)


@pytest.mark.django_db
def test_a_counter_that_is_gone_meanwhile_is_no_way_in(
    made: NewBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GuessLimitQuerySet, "claim_attempt", lambda *given, **more: None)
    assert refused(made.backend) == wait(3600)


@pytest.mark.django_db
def test_a_rate_that_is_used_up_is_told_as_the_networks(made: NewBackend) -> None:
    """Unless the lock is the longer reason: then it is told as what it is."""
    more: dict[str, Any] = {"unless": TWO_A_MINUTE}
    for _ in range(2):
        RateLimit.objects.claim(TWO_A_MINUTE, backend_id=made.backend.pk, now=NOON)
    now = NOON + timedelta(seconds=20)
    assert refused(made.backend, now=now, **more) == wait(40, of_network=True)
    assert not GuessLimit.objects.exists()
    told = refused(made.backend, now=now, locked_code="mine", **more)
    assert told == wait(40, of_network=True, code="mine")
    guess(made.backend)
    assert refused(made.backend, now=now, **more) == wait(40, of_network=True)
    GuessLimit.objects.update(failures=10, locked_until=now)
    assert refused(made.backend, now=now, **more) == wait(40, of_network=True)
    GuessLimit.objects.update(locked_until=now + timedelta(seconds=5))
    assert refused(made.backend, now=now, **more) == wait(5)
    assert guess(made.backend, now=NOON + MINUTE, **more).number == 11


@pytest.mark.django_db
@pytest.mark.parametrize("blocks", [1, 2])
def test_a_guess_is_not_for_a_transaction_that_may_be_taken_back(
    made: NewBackend, blocks: int
) -> None:
    with ExitStack() as stack:
        for _ in range(blocks):
            stack.enter_context(transaction.atomic())
        with pytest.raises(RuntimeError, match=r"^This must be counted outside of any transaction"):
            guess(made.backend)
        within = partial(limits.claim_within, guesses.PASSWORD, subject=ANN, account=None, now=NOON)
        assert within(backend=made.backend).number == 1
    assert guess(made.backend).number == 2
