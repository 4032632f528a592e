"""Locks are taken in the order that ``services.turns`` names, so that nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from unittest.mock import patch
from uuid import UUID

import pytest
import time_machine
from django.db import OperationalError, connection, transaction

from lingauth.core import clock
from lingauth.core.guesses import RECOVERY, TOTP, Rule
from lingauth.models import Backend, GuessLimit, Session
from lingauth.services import at_once, factors, limits, recovery, verification
from lingauth.services.access import SignedIn
from lingauth.services.admin import factors as admin_factors
from lingauth.services.admin.by import By
from tests.concurrency.together import WAIT, codes, together, until_somebody_waits
from tests.support.people import ACTOR, CLIENT, Person
from tests.support.totp import code_for

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

ROUNDS = 30


def prove(person: Person) -> None:
    verification.verify_any(me=person.me(), code=person.code(), client=CLIENT)


def prove_in_turn(person: Person) -> None:
    """As where the one statement did nothing."""
    with patch.object(at_once, "_done", return_value=False):
        prove(person)


def use_a_recovery_code(person: Person) -> None:
    recovery.verify(me=person.me(), code=person.codes[0], client=CLIENT)


def remove_as_an_admin(person: Person) -> None:
    by = By(person.account.backend, ACTOR, CLIENT)
    uuid = UUID(str(person.factor))
    admin_factors.remove(by=by, account_uuid=person.account.uuid, factor_uuid=uuid)


@pytest.mark.parametrize(
    ("act", "rule", "failures"),
    [
        (prove, TOTP, 1),
        (prove_in_turn, TOTP, 1),
        (use_a_recovery_code, RECOVERY, 1),
        (use_a_recovery_code, TOTP, TOTP.cap),
        (remove_as_an_admin, RECOVERY, RECOVERY.cap),
        (remove_as_an_admin, TOTP, TOTP.cap),
    ],
)
def test_whoever_waits_for_a_session_has_the_guess_limit_already(
    act: Callable[[Person], None],
    rule: Rule,
    failures: int,
    backend: Backend,
    still: time_machine.Traveller,
) -> None:
    person = Person.sign_up(backend).enrol().make_codes()
    account = person.account
    subject, now = f"user {account.user_id}", clock.now()
    guess = limits.claim(rule, subject=subject, backend=backend, account=account, now=now)
    GuessLimit.objects.filter(key=guess.key).update(failures=failures)
    done: list[bool] = []

    def late() -> None:
        try:
            act(person)
            done.append(True)
        finally:
            connection.close()

    thread = Thread(target=late, daemon=True)
    with transaction.atomic():
        assert Session.objects.select_for_update().get(pk=person.session.pk)
        thread.start()
        until_somebody_waits()
        with pytest.raises(OperationalError, match="could not obtain lock"), transaction.atomic():
            GuessLimit.objects.select_for_update(nowait=True).get(key=guess.key)
    thread.join(WAIT)
    assert done == [True]


def test_a_proof_and_a_set_up_that_ends_its_session_never_wait_in_a_circle(
    backend: Backend, still: time_machine.Traveller
) -> None:
    """The set-up holds the guess limit when it ends the others; the proof takes it back."""
    ways: dict[str, int] = {}
    for number in range(ROUNDS):
        person = Person.sign_up(backend).enrol()
        other = person.another_session()
        made = factors.enroll(me=person.me(), name=f"Tablet {number}", client=CLIENT)
        me, them = person.me(), person.me(other)
        right = code_for(made.secret, clock.now().timestamp())

        def finish(me: SignedIn = me, code: str = right, uuid: UUID = made.factor.uuid) -> None:
            verification.verify_any(me=me, code=code, factor_uuid=uuid, client=CLIENT)

        def prove_there(them: SignedIn = them, code: str = person.code()) -> None:
            verification.verify_any(me=them, code=code, client=CLIENT)

        for code in codes(together([finish, prove_there])):
            ways[code] = ways.get(code, 0) + 1
    assert ways.keys() <= {"ok", "session_not_found"}
