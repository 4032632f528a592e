"""INV-7 for mailed codes: their count only goes up, until something that was mailed came back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from lingauth import keyring
from lingauth.core import clock as clocks
from lingauth.core.errors import DomainError, TooManyAttempts
from lingauth.models import Backend, GuessLimit
from lingauth.services import accounts, mail_asks, purge, redemption
from lingauth.services.backends import NewBackend
from lingauth.services.mail_tokens import Purpose
from tests.support.people import CLIENT, Person

pytestmark = pytest.mark.django_db


def failures(person: Person) -> int:
    return GuessLimit.objects.get(kind="mail_code", account=person.account).failures


def _guess_mailed_codes(made: NewBackend, email: str, times: int) -> None:
    """Wrong ones; five for each code that is mailed."""
    for number in range(times):
        if number % 5 == 0:
            mail_asks.ask(
                backend=made.backend,
                purpose=Purpose.RECOVERY,
                email=email,
                client=CLIENT,
            )
        with pytest.raises(DomainError, match="expired or is invalid"):
            redemption.with_code(
                backend=made.backend, type="recovery", email=email, code="no code", client=CLIENT
            )


MAILED: dict[str, Callable[[Person], object]] = {
    "a new mail": lambda person: mail_asks.ask(
        backend=person.account.backend,
        purpose=Purpose.MAGICLINK,
        email=person.email,
        client=CLIENT,
    ),
    "a new session": lambda person: person.sign_in(),
    "a new password": lambda person: accounts.update(
        me=person.me(), password="another horse", client=CLIENT
    ),
    "a restart": lambda person: keyring.forget(),
    "a cleaning": lambda person: purge.purge(now=clocks.now() + timedelta(days=40)),
}


@pytest.mark.parametrize("act", MAILED)
def test_nothing_but_what_was_mailed_lowers_the_count_of_mailed_codes(
    made: NewBackend, clock: time_machine.Traveller, act: str
) -> None:
    Backend.objects.update(mail_cooldown=0)
    made.backend.refresh_from_db()
    person = Person.sign_up(made.backend)
    _guess_mailed_codes(made, person.email, 9)
    assert failures(person) == 9
    MAILED[act](person)
    assert failures(person) == 9
    _guess_mailed_codes(made, person.email, 1)
    with pytest.raises(TooManyAttempts):
        redemption.with_code(
            backend=made.backend, type="recovery", email=person.email, code="1", client=CLIENT
        )


def test_guesses_for_an_address_that_nobody_has_are_forgotten_after_a_month(
    made: NewBackend,
) -> None:
    body: dict[str, Any] = {"type": "email", "email": "nobody@example.com", "code": "123456"}
    with pytest.raises(DomainError):
        redemption.with_code(backend=made.backend, client=CLIENT, **body)
    purge.purge(now=clocks.now() + timedelta(days=29))
    assert GuessLimit.objects.filter(kind="mail_code").count() == 1
    purge.purge(now=clocks.now() + timedelta(days=31))
    assert not GuessLimit.objects.exists()
