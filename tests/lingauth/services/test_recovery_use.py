"""Using a recovery code, below HTTP: what is written for a right and for a wrong one."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

import pytest
import time_machine
from django.core import mail

from lingauth.core.errors import TooManyAttempts
from lingauth.models import GuessLimit
from lingauth.services import recovery
from lingauth.services.backends import NewBackend
from tests.support import events
from tests.support.events import CLIENT
from tests.support.noon import NOON, after
from tests.support.people import Person
from tests.support.recovering import refused, subjects, use

pytestmark = [pytest.mark.django_db, pytest.mark.once]

WRONG = "0" * 16


@pytest.fixture
def ann(made: NewBackend, noon: object) -> Person:
    """Somebody with a factor, at fresh ``aal2``."""
    return Person.sign_up(made.backend, "ann@example.com").enrol()


def test_a_used_code_raises_the_session_and_is_written_down_and_told(
    ann: Person, made: NewBackend, noon: time_machine.Traveller
) -> None:
    Person.sign_up(made.backend).enrol().make_codes()
    codes = recovery.generate(me=ann.me(), client=CLIENT).codes
    noon.shift(60)
    first = ann.session
    device = Person(ann.ref, ann.email, ann.sign_in())
    use(device, codes[4])
    session, now = device.session, after(60)
    assert (session.generation, session.elevations, session.verified_at) == (2, 1, now)
    assert session.methods == [
        {"method": "mfa/recovery_code", "timestamp": int(now.timestamp())},
        {"method": "password", "timestamp": int(now.timestamp())},
    ]
    assert session.retry_digest is None
    assert device.grant.expires_at == int(now.timestamp()) + 300
    assert (device.grant.expires_in, device.grant.session.verified_at) == (300, now)
    assert events.last() == events.by(device.me(), "recovery_code_used")
    assert ann.session.generation == first.generation
    assert subjects()[-1] == "A recovery code was used for your Acme account"
    assert mail.outbox[-1].to == ["ann@example.com"]
    assert re.search(r"\b9 are left", str(mail.outbox[-1].body))
    use(device, codes[5])
    assert re.search(r"\b8 are left", str(mail.outbox[-1].body))


def test_a_lost_answer_can_be_asked_for_again_by_its_key(ann: Person) -> None:
    codes = recovery.generate(me=ann.me(), client=CLIENT).codes
    use(ann, codes[0], "a key of the client")
    session = ann.session
    assert session.retry_digest is not None
    expected = hmac.digest(bytes(session.secret), b"a key of the client", sha256)
    assert bytes(session.retry_digest) == expected


def test_a_wrong_code_counts_and_is_written_down(ann: Person) -> None:
    recovery.generate(me=ann.me(), client=CLIENT)
    refused(ann, WRONG)
    told = events.by(ann.me(), "recovery_code_refused", "refused", reason="wrong_code")
    assert events.last() == told
    guesses = GuessLimit.objects.get(kind="recovery")
    assert (guesses.backend_id, guesses.account_id) == (ann.account.backend_id, ann.account.pk)
    assert (guesses.failures, guesses.locked_until, guesses.updated_at) == (1, None, NOON)


def test_without_a_set_a_code_is_wrong_like_any_other(ann: Person) -> None:
    refused(ann, WRONG)
    assert events.last()["data"] == {"reason": "wrong_code"}
    assert GuessLimit.objects.get(kind="recovery").failures == 1


def test_what_is_no_code_is_refused_before_it_counts(ann: Person) -> None:
    before = events.last()
    refused(ann, "not a code")
    assert events.last() == before
    assert not GuessLimit.objects.filter(kind="recovery").exists()


def test_the_sixth_guess_waits_a_quarter_of_an_hour(
    ann: Person, noon: time_machine.Traveller
) -> None:
    code = recovery.generate(me=ann.me(), client=CLIENT).codes[0]
    for _ in range(5):
        refused(ann, WRONG)
    for wait in (900, 1):
        noon.move_to(after(900 - wait))
        with pytest.raises(TooManyAttempts) as error:
            recovery.verify(me=ann.me(), code=code, client=CLIENT)
        assert (error.value.code, error.value.retry_after) == ("mfa_recovery_codes_locked", wait)
        assert (error.value.status, error.value.details) == (429, None)
        assert events.last() == events.by(
            ann.me(), "recovery_code_refused", "refused", reason="locked"
        )
    noon.move_to(after(900))
    use(ann, code)
    assert GuessLimit.objects.get(kind="recovery").failures == 0


@pytest.mark.parametrize(("kind", "act"), [("totp", "use"), ("recovery", "regenerate")])
@pytest.mark.parametrize(("failures", "left"), [(19, 19), (20, 0)])
def test_what_wrong_guesses_ended_for_good_begins_again(
    ann: Person, made: NewBackend, kind: str, act: str, failures: int, left: int
) -> None:
    """A used code does it for authenticators, a new set for codes; neither helps others."""
    codes = recovery.generate(me=ann.me(), client=CLIENT).codes
    bob = Person.sign_up(made.backend)
    for person in (ann, bob):
        GuessLimit.objects.filter(key=key_of(person, kind)).delete()
        GuessLimit.objects.create(
            key=key_of(person, kind), kind=kind, failures=failures, updated_at=NOON
        )
    if act == "use":
        use(ann, codes[0])
    else:
        recovery.regenerate(me=ann.me(), client=CLIENT)
    assert GuessLimit.objects.get(key=key_of(ann, kind)).failures == left
    assert GuessLimit.objects.get(key=key_of(bob, kind)).failures == failures


def key_of(person: Person, kind: str) -> str:
    account = person.account
    text = f"backend {account.backend_id}\n{kind}\nuser {account.user_id}"
    return sha256(text.encode()).hexdigest()
