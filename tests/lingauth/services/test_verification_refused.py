"""A code or a factor that is refused: with which words, and what is written down."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from lingauth.core import clock
from lingauth.core.errors import (
    CodeRefused,
    FactorNameTaken,
    FactorNotFound,
    InsufficientLevel,
    TooManyAttempts,
)
from lingauth.models import Event, GuessLimit, Session, TotpFactor
from lingauth.services import factors, verification
from tests.lingauth.api.people import STEP, Clock
from tests.support import events
from tests.support.events import CLIENT
from tests.support.people import Person, new_backend
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolled(moved: Clock) -> Person:
    person = Person.sign_up(new_backend().backend, "ann@example.com").enrol("Phone")
    mail.outbox.clear()
    return person


def wrong(person: Person) -> str:
    """No code of the last five minutes, nor of the next two."""
    near = {person.code(step) for step in range(-11, 5)}
    return next(code for n in range(100) if (code := f"{n:06}") not in near)


def give(person: Person, code: object, **named: Any) -> Any:
    return verification.verify_any(me=person.me(), code=code, client=CLIENT, **named)


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Session, TotpFactor)]


def failed(times: int) -> None:
    GuessLimit.objects.update(failures=times, locked_until=None)


def test_a_wrong_code_is_counted_and_written_down(enrolled: Person) -> None:
    before = rows()
    with pytest.raises(CodeRefused) as refused:
        give(enrolled, wrong(enrolled))
    error = refused.value
    assert (error.message, error.details, error.retry_after) == (
        "Invalid TOTP code entered",
        None,
        None,
    )
    told = {"factor": str(enrolled.factor), "reason": "wrong_code"}
    assert events.last() == events.by(enrolled.me(), "factor_refused", "refused", **told)
    text = f"backend {enrolled.session.backend_id}\ntotp\nuser {enrolled.account.user_id}"
    guess = GuessLimit.objects.get()
    assert (guess.key, guess.failures) == (sha256(text.encode()).hexdigest(), 1)
    assert (guess.backend, guess.account) == (enrolled.session.backend, enrolled.account)
    assert rows() == before
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("before", "sentence"),
    [(4, "Codes are refused for a while."), (19, "Codes from your authenticator are no longer")],
)
def test_the_wrong_code_that_locks_is_told_to_its_owner(
    enrolled: Person, before: int, sentence: str
) -> None:
    failed(before)
    with pytest.raises(CodeRefused):
        give(enrolled, wrong(enrolled))
    told = {"factor": str(enrolled.factor), "reason": "wrong_code"}
    assert events.last() == events.by(enrolled.me(), "factor_locked", "refused", **told)
    (letter,) = mail.outbox
    assert letter.to == ["ann@example.com"]
    assert letter.subject == "Too many wrong codes for your Acme account"
    assert sentence in letter.body


def test_while_codes_are_locked_none_is_looked_at(enrolled: Person) -> None:
    failed(4)
    with pytest.raises(CodeRefused):
        give(enrolled, wrong(enrolled))
    mail.outbox.clear()
    for code in (enrolled.code(), wrong(enrolled)):
        count = Event.objects.count()
        with pytest.raises(TooManyAttempts) as refused:
            give(enrolled, code)
        assert (refused.value.retry_after, refused.value.details) == (900, None)
        told = {"factor": str(enrolled.factor), "reason": "locked"}
        assert events.last() == events.by(enrolled.me(), "factor_refused", "refused", **told)
        assert Event.objects.count() == count + 1
    assert (GuessLimit.objects.get().failures, mail.outbox) == (5, [])


def test_a_code_that_was_used_is_told_as_that_and_counts(enrolled: Person) -> None:
    give(enrolled, enrolled.code())
    for code in (enrolled.code(), enrolled.code(-1)):
        with pytest.raises(CodeRefused) as refused:
            give(enrolled, code)
        assert refused.value.message == "That code was already used. Wait for the next one."
        assert refused.value.details == {"reused": True}
        told = {"factor": str(enrolled.factor), "reason": "reused"}
        assert events.last() == events.by(enrolled.me(), "factor_refused", "refused", **told)
    assert GuessLimit.objects.get().failures == 2


def test_a_code_of_some_minutes_ago_speaks_of_a_late_clock(enrolled: Person, moved: Clock) -> None:
    moved.shift(timedelta(minutes=10))
    with pytest.raises(CodeRefused) as refused:
        give(enrolled, enrolled.code(-2))
    assert refused.value.details == {"late": True}
    assert refused.value.message == (
        "Your code looks out of date. Set your phone's time to automatic and try again."
    )
    assert events.last()["data"]["reason"] == "wrong_code"


def test_what_is_no_code_costs_nothing(enrolled: Person) -> None:
    for code in (None, "", "12345", 123456, enrolled.code() + "0"):
        before = Event.objects.count()
        with pytest.raises(CodeRefused) as refused:
            give(enrolled, code)
        assert (refused.value.message, refused.value.details) == ("Invalid TOTP code entered", None)
        assert Event.objects.count() == before
    assert GuessLimit.objects.get().failures == 0


def test_without_a_factor_there_is_nothing_to_verify(moved: Clock) -> None:
    person = Person.sign_up(new_backend().backend)
    with pytest.raises(FactorNotFound) as refused:
        give(person, "123456")
    assert refused.value.message == "There is no factor to verify. Enroll one first."
    with pytest.raises(FactorNotFound) as refused:
        give(person, "123456", factor_uuid=uuid4())
    assert refused.value.message == "Factor not found"
    assert not GuessLimit.objects.filter(kind="totp").exists()


@pytest.mark.parametrize("seconds", [599, 600])
def test_a_set_up_is_there_for_ten_minutes(moved: Clock, seconds: int) -> None:
    person = Person.sign_up(new_backend().backend)
    made = factors.enroll(me=person.me(), client=CLIENT)
    person.secret = made.secret
    moved.shift(seconds)
    asked: dict[str, Any] = {"me": person.me(), "factor_uuid": made.factor.uuid, "client": CLIENT}
    if seconds < 600:
        assert verification.challenge(**asked).factor.pk == made.factor.pk
        give(person, person.code())
    else:
        with pytest.raises(FactorNotFound):
            verification.challenge(**asked)
        with pytest.raises(FactorNotFound):
            give(person, person.code())


def test_a_set_up_is_there_for_its_own_session_alone(moved: Clock) -> None:
    person = Person.sign_up(new_backend().backend)
    made = factors.enroll(me=person.me(), client=CLIENT)
    code, me = code_for(made.secret, clock.now().timestamp()), person.me(person.another_session())
    named: dict[str, Any] = {"factor_uuid": made.factor.uuid}
    with pytest.raises(FactorNotFound):
        verification.challenge(me=me, client=CLIENT, **named)
    for factor in (named, {}):
        with pytest.raises(FactorNotFound):
            verification.verify_any(me=me, code=code, client=CLIENT, **factor)


def test_a_set_up_needs_aal2_to_be_finished_once_there_is_a_factor(
    enrolled: Person, moved: Clock
) -> None:
    first = enrolled.secret
    made = factors.enroll(me=enrolled.me(), name="Second", client=CLIENT)
    Session.objects.update(verified_at=None)
    enrolled.secret = made.secret
    named = {"factor_uuid": made.factor.uuid}
    for act in (
        lambda: verification.challenge(me=enrolled.me(), client=CLIENT, **named),
        lambda: give(enrolled, enrolled.code(), **named),
    ):
        with pytest.raises(InsufficientLevel) as refused:
            act()
        assert refused.value.message == "AAL2 required to enroll a new factor"
    with pytest.raises(CodeRefused):
        give(enrolled, enrolled.code())
    enrolled.secret = first
    give(enrolled, enrolled.code())
    enrolled.secret = made.secret
    give(enrolled, enrolled.code(), **named)
    assert events.last()["kind"] == "factor_enrolled"


def test_a_set_up_is_not_finished_below_aal2_if_a_factor_came_first(moved: Clock) -> None:
    """Though there was none when the request began."""
    person = Person.sign_up(new_backend().backend)
    made = factors.enroll(me=person.me(), client=CLIENT)
    person.secret, me = made.secret, person.me()
    TotpFactor.objects.create(
        user=person.account.user, account=person.account, name="First", confirmed=True, secret=b""
    )
    before = rows()
    with pytest.raises(InsufficientLevel):
        verification.verify_any(me=me, code=person.code(), client=CLIENT)
    assert rows() == before


def test_a_name_that_was_taken_meanwhile_takes_all_of_it_back(
    enrolled: Person, moved: Clock
) -> None:
    moved.shift(STEP)
    made = factors.enroll(me=enrolled.me(), name="Tablet", client=CLIENT)
    enrolled.secret = made.secret
    TotpFactor.objects.filter(confirmed=True).update(name="Tablet")
    before = rows()
    with pytest.raises(FactorNameTaken) as refused:
        give(enrolled, enrolled.code(), factor_uuid=made.factor.uuid)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__, "what the database said is no business of a log"
    assert rows() == before
