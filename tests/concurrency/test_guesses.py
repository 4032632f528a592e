"""Wrong guesses made in parallel are all counted, and none is looked at beyond the limit."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from lingauth.core import recovery as shape
from lingauth.core import totp
from lingauth.core.errors import DomainError
from lingauth.models import Backend, GuessLimit, RecoveryCode, Session
from lingauth.services import access, passwords, recovery, signin, verification
from tests.concurrency.together import codes, together
from tests.support.app import PASSWORD
from tests.support.people import CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 24


class Evaluations:
    """How often the product really looked at a guess."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = Lock()

    def around(self, function: Any) -> Any:
        def counted(*args: Any, **kwargs: Any) -> Any:
            with self._lock:
                self.count += 1
            return function(*args, **kwargs)

        return counted


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Evaluations:
    looked = Evaluations()
    monkeypatch.setattr(totp, "matching_step", looked.around(totp.matching_step))
    monkeypatch.setattr(passwords, "matches", looked.around(passwords.matches))
    manager = type(RecoveryCode.objects)
    monkeypatch.setattr(manager, "consume", looked.around(manager.consume))
    return looked


def wrong_code(person: Person) -> str:
    right = {person.code(step) for step in range(-12, 3)}
    return next(text for n in range(100) if (text := f"{n:06}") not in right)


@pytest.mark.parametrize("round_", range(2))
def test_wrong_codes_over_many_sessions_are_evaluated_five_times_then_locked(
    backend: Backend, still: time_machine.Traveller, looked: Evaluations, round_: int
) -> None:
    person = Person.sign_up(backend).enrol()
    sessions = [person.another_session() for _ in range(4)]
    wrong, right = wrong_code(person), person.code()
    looked.count = 0
    ready = [person.me(sessions[n % 4]) for n in range(THREADS)]
    outcomes = together(
        [partial(verification.verify_any, me=me, code=wrong, client=CLIENT) for me in ready]
    )
    assert codes(outcomes) == {
        "mfa_verification_failed": 5,
        "over_request_rate_limit": THREADS - 5,
    }
    assert looked.count == 5
    assert GuessLimit.objects.get(kind="totp", account=person.account).failures == 5
    for session in sessions:  # the right one, at position six and after
        with pytest.raises(DomainError) as refused:
            verification.verify_any(me=person.me(session), code=right, client=CLIENT)
        assert refused.value.status == 429
        assert refused.value.retry_after == 15 * 60
    assert looked.count == 5


def test_a_right_code_hidden_in_a_burst_of_wrong_ones_is_looked_at_only_among_the_first_five(
    backend: Backend, still: time_machine.Traveller, looked: Evaluations
) -> None:
    for _ in range(3):
        person = Person.sign_up(backend).enrol()
        session = person.another_session()
        wrong, right = wrong_code(person), person.code()
        looked.count = 0
        ready = [person.me(session) for _ in range(THREADS)]
        sent = [wrong] * (THREADS - 1) + [right]
        outcomes = together(
            [
                partial(verification.verify_any, me=me, code=code, client=CLIENT)
                for me, code in zip(ready, sent, strict=True)
            ]
        )
        won = outcomes[-1].refusal is None
        # A success starts the count again, so at most one more burst is looked at after it.
        assert looked.count <= (10 if won else 5)
        assert (Session.objects.get(pk=session.pk).elevations == 1) is won


def test_wrong_passwords_are_evaluated_ten_times_then_locked(
    backend: Backend, still: time_machine.Traveller, looked: Evaluations
) -> None:
    for _ in range(2):
        person = Person.sign_up(backend)
        looked.count = 0
        outcomes = together([partial(person.sign_in, "not the password")] * THREADS)
        assert codes(outcomes) == {
            "invalid_credentials": 10,
            "over_request_rate_limit": THREADS - 10,
        }
        assert looked.count == 10
        with pytest.raises(DomainError) as refused:
            person.sign_in(PASSWORD)
        assert refused.value.status == 429
        assert looked.count == 10


def test_an_unknown_address_is_locked_by_the_same_schedule(
    backend: Backend, still: time_machine.Traveller
) -> None:
    stranger = Person.sign_up(backend)
    stranger.email = "nobody@example.com"
    outcomes = together([partial(stranger.sign_in, "not the password")] * THREADS)
    assert codes(outcomes) == {"invalid_credentials": 10, "over_request_rate_limit": THREADS - 10}


def test_wrong_passwords_of_one_network_are_evaluated_as_often_as_it_may(
    backend: Backend, still: time_machine.Traveller, looked: Evaluations, settings: Settings
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "WRONG_PASSWORDS_PER_IP": 7}

    def guess(number: int) -> None:
        signin.with_password(
            read=lambda key: access.read(ref=backend.ref, email_key=key),
            email=f"{number}@example.com",
            password="not the password",
            client=CLIENT,
        )

    outcomes = together([partial(guess, number) for number in range(THREADS)])
    assert codes(outcomes) == {"invalid_credentials": 7, "over_request_rate_limit": THREADS - 7}
    assert looked.count == 7


def test_wrong_recovery_codes_are_evaluated_five_times_then_locked(
    backend: Backend, still: time_machine.Traveller, looked: Evaluations
) -> None:
    for _ in range(2):
        person = Person.sign_up(backend).enrol().make_codes()
        session = person.another_session()
        looked.count = 0
        ready = [person.me(session) for _ in range(THREADS)]
        wrong = [shape.new_codes()[0] for _ in range(THREADS)]
        outcomes = together(
            [
                partial(recovery.verify, me=me, code=code, client=CLIENT)
                for me, code in zip(ready, wrong, strict=True)
            ]
        )
        assert codes(outcomes) == {"mfa_verification_failed": 5, recovery.LOCKED: THREADS - 5}
        assert looked.count == 5
        with pytest.raises(DomainError) as refused:
            recovery.verify(me=person.me(session), code=person.codes[0], client=CLIENT)
        assert refused.value.code == recovery.LOCKED
        # Their counter is their own: the authenticator is not locked by it.
        verification.verify_any(me=person.me(session), code=person.code(), client=CLIENT)
