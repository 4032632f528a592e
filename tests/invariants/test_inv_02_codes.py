"""INV-2: one (factor, time step) raises at most one session once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine

from lingauth.core.errors import CodeRefused, DomainError
from lingauth.models import Backend, Session, TotpFactor
from lingauth.services import factors, verification
from lingauth.services.access import SignedIn
from tests.support.people import CLIENT, Person
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

Door = Callable[[SignedIn, Person, str], object]


def in_one_call(me: SignedIn, person: Person, code: str) -> object:
    return verification.verify_any(me=me, code=code, client=CLIENT)


def by_challenge(me: SignedIn, person: Person, code: str) -> object:
    opened = verification.challenge(me=me, factor_uuid=person.factor, client=CLIENT)
    return verification.verify(
        me=me, factor_uuid=person.factor, challenge_id=opened.id, code=code, client=CLIENT
    )


def by_django_otp(me: SignedIn, person: Person, code: str) -> object:
    if not TotpFactor.objects.get(uuid=person.factor).verify_token(code):
        raise CodeRefused
    return None


DOORS = [in_one_call, by_challenge, by_django_otp]


@pytest.mark.parametrize("second", DOORS)
@pytest.mark.parametrize("first", DOORS)
def test_a_used_code_opens_no_door_again(backend: Backend, first: Door, second: Door) -> None:
    person = Person.sign_up(backend).enrol()
    same, another = person.another_session(), person.another_session()
    first(person.me(same), person, person.code())
    for session in (same, another):
        with pytest.raises(DomainError):
            second(person.me(session), person, person.code())
    assert Session.objects.get(pk=another.pk).elevations == 0


def test_the_code_that_finished_the_set_up_is_used(backend: Backend) -> None:
    person = Person.sign_up(backend)
    made = factors.enroll(me=person.me(), client=CLIENT)
    code = code_for(made.secret)
    verification.verify_any(me=person.me(), code=code, client=CLIENT)
    with pytest.raises(CodeRefused) as refused:
        verification.verify_any(me=person.me(person.another_session()), code=code, client=CLIENT)
    assert refused.value.reused


def test_an_older_code_is_dead_once_a_newer_one_was_used(backend: Backend) -> None:
    person = Person.sign_up(backend).enrol()
    session = person.another_session()
    verification.verify_any(me=person.me(session), code=person.code(1), client=CLIENT)
    for step in (-1, 0, 1):
        with pytest.raises(CodeRefused):
            verification.verify_any(me=person.me(session), code=person.code(step), client=CLIENT)


def test_the_window_is_one_step_either_way(backend: Backend, clock: time_machine.Traveller) -> None:
    for step, accepted in ((-2, False), (2, False), (1, True)):
        person = Person.sign_up(backend).enrol()
        me = person.me(person.another_session())
        if accepted:
            verification.verify_any(me=me, code=person.code(step), client=CLIENT)
        else:
            with pytest.raises(CodeRefused):
                verification.verify_any(me=me, code=person.code(step), client=CLIENT)


@pytest.mark.parametrize(
    "spell",
    [
        lambda code: f"{code[:3]} {code[3:]}",
        lambda code: f" {code}\u00a0",
        lambda code: "".join(chr(ord(digit) + 0xFEE0) for digit in code),
        lambda code: "".join(chr(ord(digit) - ord("0") + 0x0660) for digit in code),
    ],
    ids=["grouped", "padded", "full-width", "Arabic-Indic"],
)
def test_another_spelling_is_the_same_code(backend: Backend, spell: Callable[[str], str]) -> None:
    person = Person.sign_up(backend).enrol()
    verification.verify_any(
        me=person.me(person.another_session()), code=spell(person.code()), client=CLIENT
    )
    with pytest.raises(CodeRefused) as refused:
        verification.verify_any(
            me=person.me(person.another_session()), code=person.code(), client=CLIENT
        )
    assert refused.value.reused


def test_a_challenge_is_spent_by_its_success(backend: Backend) -> None:
    person = Person.sign_up(backend).enrol()
    session = person.another_session()
    opened = verification.challenge(me=person.me(session), factor_uuid=person.factor, client=CLIENT)
    answer = {"factor_uuid": person.factor, "challenge_id": opened.id, "client": CLIENT}
    verification.verify(me=person.me(session), code=person.code(0), **answer)  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="expired"):
        verification.verify(me=person.me(session), code=person.code(1), **answer)  # type: ignore[arg-type]
