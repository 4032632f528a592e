"""Judging a change of password or address, below HTTP: which proof is enough, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import check_password

from lingauth.core.errors import (
    CurrentPasswordInvalid,
    DomainError,
    InsufficientLevel,
    ReauthenticationNeeded,
    SamePassword,
    TooManyAttempts,
    Unavailable,
    ValidationFailed,
    WeakPassword,
)
from lingauth.models import Account, Backend, GuessLimit, MailToken
from lingauth.services import new_password, passwords, verification
from lingauth.services.mail_tokens import Purpose
from lingauth.services.new_password import Proof
from tests.support import events
from tests.support.app import PASSWORD
from tests.support.events import CLIENT
from tests.support.noon import NOON, after
from tests.support.pending import guess_key, mint
from tests.support.people import Person, new_backend

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def backend(noon: object) -> Backend:
    return new_backend().backend


@pytest.fixture
def ann(backend: Backend) -> Person:
    """Signed in at noon."""
    return Person.sign_up(backend, "Ann@example.com")


def prove(person: Person, password: object = None, nonce: object = None) -> Proof:
    return new_password.prove(person.me(), password, nonce, CLIENT)


def counter(backend: Backend) -> GuessLimit:
    return GuessLimit.objects.get(key=guess_key(backend, "password", "ann@example.com"))


def refusal(person: Person, reason: str) -> dict[str, Any]:
    return events.by(person.me(), "password_refused", "refused", reason=reason)


def test_a_sign_in_of_the_last_ten_minutes_is_enough(
    ann: Person, noon: time_machine.Traveller
) -> None:
    noon.move_to(after(600))
    assert prove(ann) == Proof(None)
    noon.move_to(after(601))
    with pytest.raises(ReauthenticationNeeded):
        prove(ann)
    Account.objects.update(is_anonymous=True)
    assert prove(ann) == Proof(None)


def test_a_nonce_is_found_and_not_spent(ann: Person, noon: time_machine.Traveller) -> None:
    noon.move_to(after(601))
    made = mint(ann.account, Purpose.REAUTHENTICATION)
    proof = prove(ann, nonce=made.code)
    assert proof.nonce == made.row
    assert MailToken.objects.get().used_at is None
    assert prove(ann, "not looked at", made.code) == proof
    with pytest.raises(DomainError) as refused:
        prove(ann, PASSWORD, "wrong")
    assert refused.value.code == "reauthentication_not_valid"
    assert events.last() == events.by(
        ann.me(), "mail_code_refused", "refused", reason="wrong_nonce"
    )
    with pytest.raises(ReauthenticationNeeded):
        prove(ann, nonce="")


def test_the_current_password_is_enough_and_the_guesses_at_it_begin_again(
    backend: Backend, ann: Person, noon: time_machine.Traveller
) -> None:
    noon.move_to(after(700))
    with pytest.raises(CurrentPasswordInvalid):
        prove(ann, "wrong")
    noon.move_to(after(701))
    assert prove(ann, PASSWORD) == Proof(None)
    guesses = counter(backend)
    assert (guesses.failures, guesses.updated_at) == (0, after(701))


def test_a_wrong_password_counts_for_the_address_and_is_written_down(
    backend: Backend, ann: Person
) -> None:
    """Also right after a sign-in: what is given is looked at."""
    with pytest.raises(CurrentPasswordInvalid):
        prove(ann, "wrong")
    assert events.last() == refusal(ann, "wrong_password")
    guesses = counter(backend)
    assert (guesses.backend, guesses.account, guesses.kind) == (backend, ann.account, "password")
    assert (guesses.failures, guesses.updated_at) == (1, NOON)


def test_after_ten_wrong_ones_it_waits_a_quarter_of_an_hour(
    backend: Backend, ann: Person, noon: time_machine.Traveller
) -> None:
    for _ in range(10):
        with pytest.raises(CurrentPasswordInvalid):
            prove(ann, "wrong")
    noon.move_to(after(899))
    with pytest.raises(TooManyAttempts) as locked:
        prove(ann, PASSWORD)
    assert (locked.value.code, locked.value.retry_after) == ("over_request_rate_limit", 1)
    assert events.last() == refusal(ann, "locked")
    noon.move_to(after(900))
    assert prove(ann, PASSWORD) == Proof(None)


@pytest.mark.parametrize("password", ["", 5, "p" * 257])
def test_what_is_no_password_counts_nowhere(ann: Person, password: object) -> None:
    with pytest.raises(ValidationFailed):
        prove(ann, password)
    assert not GuessLimit.objects.exists()


def test_nobody_pays_for_a_guess_that_is_not_looked_at(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise Unavailable(retry_after=1)

    monkeypatch.setattr(passwords, "turn", full)
    with pytest.raises(Unavailable):
        prove(ann, PASSWORD)
    assert not GuessLimit.objects.exists()


def test_an_account_with_a_factor_needs_a_fresh_second_proof(
    ann: Person, noon: time_machine.Traveller
) -> None:
    ann.enrol()
    device = Person(ann.ref, ann.email, ann.sign_in())
    nonce = mint(ann.account, Purpose.REAUTHENTICATION).code
    for how in ({}, {"password": PASSWORD}, {"nonce": nonce}):
        with pytest.raises(InsufficientLevel) as low:
            prove(device, **how)
        message = "AAL2 session is required to update email or password when MFA is enabled."
        assert (low.value.message, low.value.status, low.value.details) == (message, 401, None)
    noon.move_to(after(600))
    assert prove(ann) == Proof(None)
    noon.move_to(after(601))
    with pytest.raises(InsufficientLevel) as stale:
        prove(ann, PASSWORD)
    assert (stale.value.status, stale.value.details) == (401, {"max_age": 600})


def test_a_fresh_second_proof_is_enough_however_old_the_sign_in(
    ann: Person, noon: time_machine.Traveller
) -> None:
    ann.enrol()
    noon.move_to(after(601))
    verification.verify_any(me=ann.me(), code=ann.code(), client=CLIENT)
    assert prove(ann) == Proof(None)


def test_a_good_new_password_is_hashed(ann: Person) -> None:
    hashed = new_password.judged(ann.me(), "another battery staple")
    assert check_password("another battery staple", hashed)
    ann.account.user.refresh_from_db()
    assert check_password(PASSWORD, ann.account.user.password)


def test_a_new_password_differs_from_the_present_one(ann: Person) -> None:
    with pytest.raises(SamePassword):
        new_password.judged(ann.me(), PASSWORD)


@pytest.mark.parametrize(
    ("password", "reason"), [("seven77", "length"), ("ann@example.com", "pwned")]
)
def test_a_new_password_is_as_strong_as_that_of_a_sign_up(
    ann: Person, password: str, reason: str
) -> None:
    with pytest.raises(WeakPassword) as weak:
        new_password.judged(ann.me(), password)
    assert weak.value.reasons == [reason]


def test_who_has_no_address_has_no_password(ann: Person) -> None:
    Account.objects.update(email="", email_key=str(ann.account.uuid))
    with pytest.raises(ValidationFailed) as refused:
        new_password.judged(ann.me(), "another battery staple")
    message = "Updating password of an anonymous user without an email or phone is not allowed"
    assert (refused.value.message, refused.value.code) == (message, "validation_failed")
    with pytest.raises(ValidationFailed, match="valid password"):
        new_password.judged(ann.me(), None)
