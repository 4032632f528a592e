"""INV-7: what counts wrong guesses only goes up, until the same person's same secret was right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from lingauth import keyring
from lingauth.core import recovery as shape
from lingauth.core.errors import CodeRefused, DomainError, TooManyAttempts
from lingauth.models import GuessLimit, TotpFactor
from lingauth.services import accounts, factors, purge, recovery, redemption, verification
from lingauth.services.backends import NewBackend
from tests.invariants.actions import app_of
from tests.support.app import PASSWORD, App
from tests.support.people import CLIENT, Person

pytestmark = pytest.mark.django_db


def wrong(person: Person) -> str:
    near = {person.code(step) for step in range(-12, 4)}
    return next(text for n in range(100) if (text := f"{n:06}") not in near)


def miss(person: Person, times: int) -> None:
    session = person.another_session()
    for _ in range(times):
        with pytest.raises(CodeRefused):
            verification.verify_any(me=person.me(session), code=wrong(person), client=CLIENT)


def failures(person: Person, kind: str = "totp") -> int:
    found = GuessLimit.objects.filter(kind=kind, account=person.account).first()
    return found.failures if found else 0


def _challenge(person: Person) -> object:
    return verification.challenge(me=person.me(), factor_uuid=person.factor, client=CLIENT)


def _neighbour(person: Person) -> object:
    return Person.sign_up(person.account.backend).enrol()


def _change_password(person: Person) -> None:
    new = "another horse"
    accounts.update(me=person.me(), password=new, current_password=PASSWORD, client=CLIENT)
    person.password = new


def _restart(person: Person) -> None:
    keyring.forget()


INNOCENT: dict[str, Callable[[Person], object]] = {
    "a new challenge": _challenge,
    "a new session": lambda person: person.sign_in(),
    "the right password": _change_password,
    "a recovery code": lambda person: recovery.verify(
        me=person.me(person.another_session()), code=person.codes[0], client=CLIENT
    ),
    "a new set-up": lambda person: factors.enroll(me=person.me(), name="New", client=CLIENT),
    "another's success": _neighbour,
    "a cleaning": lambda person: purge.purge(),
    "a restart": _restart,
}


@pytest.mark.parametrize("act", INNOCENT)
def test_nothing_but_a_right_code_lowers_the_count_of_wrong_codes(
    made: NewBackend, act: str
) -> None:
    person = Person.sign_up(made.backend).enrol().make_codes()
    miss(person, 4)
    assert failures(person) == 4
    INNOCENT[act](person)
    assert failures(person) == 4
    miss(person, 1)
    with pytest.raises(TooManyAttempts):
        verification.verify_any(
            me=person.me(person.another_session()), code=person.code(), client=CLIENT
        )


def test_a_right_code_starts_its_own_count_again_and_no_other(made: NewBackend) -> None:
    person = Person.sign_up(made.backend).enrol().make_codes()
    session = person.another_session()
    for _ in range(3):
        with pytest.raises(CodeRefused):
            recovery.verify(me=person.me(session), code=shape.new_codes()[0], client=CLIENT)
    miss(person, 4)
    verification.verify_any(me=person.me(session), code=person.code(), client=CLIENT)
    assert (failures(person), failures(person, "recovery")) == (0, 3)


def test_a_used_code_is_no_success(made: NewBackend) -> None:
    person = Person.sign_up(made.backend).enrol()
    used = person.code()
    verification.verify_any(me=person.me(person.another_session()), code=used, client=CLIENT)
    miss(person, 3)
    with pytest.raises(CodeRefused):
        verification.verify_any(me=person.me(person.another_session()), code=used, client=CLIENT)
    assert failures(person) == 4


def test_guesses_are_one_count_over_sessions_factors_and_doors(made: NewBackend) -> None:
    person = Person.sign_up(made.backend).enrol()
    second = factors.enroll(me=person.me(), name="Second", client=CLIENT)
    verification.verify_any(
        me=person.me(),
        factor_uuid=second.factor.uuid,
        code=Person(person.ref, "", person.grant, second.secret).code(),
        client=CLIENT,
    )
    bad = next(
        text
        for n in range(100)
        if (text := f"{n:06}")
        not in {person.code(s) for s in range(-12, 4)}
        | {Person(person.ref, "", person.grant, second.secret).code(s) for s in range(-12, 4)}
    )
    for uuid in (person.factor, second.factor.uuid):
        with pytest.raises(CodeRefused):
            verification.verify_any(
                me=person.me(person.another_session()), code=bad, factor_uuid=uuid, client=CLIENT
            )
    device = TotpFactor.objects.get(uuid=person.factor)
    assert not device.verify_token(bad)
    assert failures(person) == 3


def test_the_whole_schedule_of_codes(made: NewBackend, clock: time_machine.Traveller) -> None:
    """15, 30, 60 minutes after each five; after twenty the authenticator is off until recovery."""
    person = Person.sign_up(made.backend).enrol().make_codes()
    app = app_of(made, person)
    for wait in (15, 30, 60, None):
        person.grant = person.sign_in()
        app = app_of(made, person)
        for _ in range(5):
            answer = app.auth("POST", "mfa/verify", {"code": wrong(person)})
            assert answer.status_code == 422
        answers = [
            app.auth("POST", "mfa/verify", {"code": code})
            for code in (person.code(), wrong(person))
        ]
        assert {a.status_code for a in answers} == {429}
        assert answers[0].content == answers[1].content, "right and wrong look alike"
        if wait is not None:
            assert answers[0]["Retry-After"] == answers[1]["Retry-After"] == str(wait * 60)
            clock.shift(timedelta(minutes=wait, seconds=-1))
            person.grant = person.sign_in()
            app = app_of(made, person)
            assert app.auth("POST", "mfa/verify", {"code": person.code()}).status_code == 429
            clock.shift(1)
    clock.shift(timedelta(days=1))
    person.grant = person.sign_in()
    with pytest.raises(TooManyAttempts):
        verification.verify_any(me=person.me(), code=person.code(), client=CLIENT)
    recovery.verify(me=person.me(), code=person.codes[0], client=CLIENT)
    verification.verify_any(
        me=person.me(person.another_session()), code=person.code(), client=CLIENT
    )


@pytest.mark.parametrize("known", [True, False])
def test_passwords_lock_after_ten_for_known_and_unknown_addresses_alike(
    made: NewBackend, app: App, known: bool
) -> None:
    person = Person.sign_up(made.backend, "known@example.com")
    email = person.email if known else "unknown@example.com"
    path = "token?grant_type=password"
    for _ in range(10):
        body = {"email": email, "password": "not this one"}
        assert app.auth("POST", path, body, anonymous=True).status_code == 400
    answers = [
        app.auth("POST", path, {"email": email, "password": text}, anonymous=True)
        for text in (PASSWORD, "not this one")
    ]
    assert {(a.status_code, a.content, a["Retry-After"]) for a in answers} == {
        (429, answers[0].content, "900")
    }


@pytest.mark.django_db(transaction=True)
def test_a_hosts_request_transaction_does_not_give_guesses_back(
    atomic_requests: None, made: NewBackend
) -> None:
    person = Person.sign_up(made.backend).enrol().make_codes()
    person.grant = person.sign_in()
    app = app_of(made, person)
    tries: dict[str, tuple[str, object, int]] = {
        "totp": ("mfa/verify", {"code": wrong(person)}, 5),
        "recovery": ("factors/recovery-codes/verify", {"code": shape.new_codes()[0]}, 5),
        "password": (
            "token?grant_type=password",
            {"email": person.email, "password": "not this one"},
            10,
        ),
    }
    for kind, (path, body, burst) in tries.items():
        for _ in range(burst):
            assert app.auth("POST", path, body).status_code in (400, 422)
        assert failures(person, kind) == burst
        assert app.auth("POST", path, body).status_code == 429


@pytest.mark.django_db(transaction=True)
def test_a_guess_inside_somebody_elses_transaction_is_not_looked_at(made: NewBackend) -> None:
    """A rollback there would give it back, so it fails loudly instead."""
    person = Person.sign_up(made.backend).enrol().make_codes()
    me = person.me(person.another_session())
    attempts: list[Callable[[], object]] = [
        lambda: verification.verify_any(me=me, code=person.code(), client=CLIENT),
        lambda: verification.verify_any(me=me, code=wrong(person), client=CLIENT),
        lambda: recovery.verify(me=me, code=person.codes[0], client=CLIENT),
        lambda: recovery.verify(me=me, code="0" * 16, client=CLIENT),
        lambda: person.sign_in(),
        lambda: person.sign_in("not this one"),
        lambda: redemption.with_code(
            backend=made.backend, type="email", email=person.email, code="123456", client=CLIENT
        ),
    ]
    for attempt in attempts:
        with pytest.raises(RuntimeError), transaction.atomic():
            attempt()
    assert person.session.elevations == 1
    with pytest.raises(DomainError):
        recovery.verify(me=me, code="0" * 16, client=CLIENT)
