"""The mailed nonce, below HTTP: what asking, finding and spending one write."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core import mail

from lingauth.core.errors import DomainError, TooManyAttempts, ValidationFailed
from lingauth.models import Account, Backend, GuessLimit, MailToken
from lingauth.services import outbox, reauthentication
from lingauth.services.mail_tokens import Purpose
from tests.support import events
from tests.support.events import CLIENT
from tests.support.mailbox import newest
from tests.support.noon import NOON, after
from tests.support.pending import guess_key, mint, strict_backend
from tests.support.people import Person, new_backend

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def backend(noon: object) -> Backend:
    return new_backend().backend


@pytest.fixture
def ann(backend: Backend) -> Person:
    """The second of two."""
    Person.sign_up(backend, "first@example.com")
    return Person.sign_up(backend, "Ann@example.com")


def ask(person: Person) -> str:
    """Ask for one and read it."""
    reauthentication.ask(me=person.me(), client=CLIENT)
    return newest(person.email).code


def match(person: Person, nonce: object) -> MailToken:
    return reauthentication.matching(me=person.me(), nonce=nonce, client=CLIENT)


def told(error: DomainError) -> tuple[str, int, str]:
    return error.code, error.status, error.message


def invalid(error: DomainError) -> None:
    message = "Nonce has expired or is invalid"
    assert told(error) == ("reauthentication_not_valid", 422, message)


def refusal(person: Person, reason: str) -> dict[str, Any]:
    return events.by(person.me(), "mail_code_refused", "refused", reason=reason)


def counter(backend: Backend, email: str) -> GuessLimit:
    return GuessLimit.objects.get(key=guess_key(backend, "mail_code", email))


def test_it_is_mailed_to_the_accounts_address_and_written_down(ann: Person) -> None:
    reauthentication.ask(me=ann.me(), client=CLIENT)
    assert [(letter.to, str(letter.subject)) for letter in mail.outbox] == [
        (["Ann@example.com"], "Your code for Acme")
    ]
    sent = events.by(ann.me(), "mail_sent", purpose="reauthentication") | {"session_id": None}
    assert events.last() == sent
    row = MailToken.objects.get()
    assert (row.purpose, row.account, row.email_key) == (
        "reauthentication",
        ann.account,
        "ann@example.com",
    )
    assert (row.created_at, row.expires_at) == (NOON, after(600))
    assert Account.objects.get(reauthentication_sent_at=NOON) == ann.account


def test_a_mail_is_paid_for_like_every_other(ann: Person, noon: time_machine.Traveller) -> None:
    ask(ann)
    noon.move_to(after(59))
    with pytest.raises(DomainError) as refused:
        ask(ann)
    assert refused.value.code == "over_email_send_rate_limit"
    assert (refused.value.status, refused.value.retry_after) == (429, 1)
    noon.move_to(after(60))
    ask(ann)


def test_without_a_confirmed_address_there_is_none(ann: Person) -> None:
    Account.objects.update(email_confirmed_at=None)
    with pytest.raises(DomainError) as refused:
        ask(ann)
    assert told(refused.value) == ("email_not_confirmed", 422, "Email not confirmed")
    Account.objects.filter(pk=ann.account.pk).update(email="", email_key=str(ann.account.uuid))
    with pytest.raises(ValidationFailed) as none:
        ask(ann)
    message = "Reauthentication requires the user to have an email or a phone number"
    assert told(none.value) == ("validation_failed", 400, message)
    assert mail.outbox == []


def test_what_an_earlier_release_left_to_be_mailed_is_still_done() -> None:
    assert outbox._handlers["reauthentication"] is reauthentication.answer


def test_a_job_writes_to_accounts_of_its_own_backend_that_are_still_there(ann: Person) -> None:
    payload = {
        "account": str(ann.account.uuid),
        "client": {"ip": None, "user_agent": "", "request_id": ""},
    }
    bravo = strict_backend("bravo")
    reauthentication.answer(bravo, payload)
    assert mail.outbox == []
    reauthentication.answer(ann.grant.backend, payload)
    assert len(mail.outbox) == 1
    ann.account.user.delete()
    reauthentication.answer(ann.grant.backend, payload)
    assert len(mail.outbox) == 1


def test_the_right_one_is_found_unspent_and_spent_once(
    backend: Backend, ann: Person, noon: time_machine.Traveller
) -> None:
    nonce = ask(ann)
    with pytest.raises(DomainError):
        match(ann, "wrong")
    me = ann.me()
    found = reauthentication.matching(me=me, nonce=nonce, client=CLIENT)
    assert found == MailToken.objects.get(used_at=None)
    assert found.account.backend is me.backend
    bobs = counter(backend, "ann@example.com")
    bobs.key = guess_key(backend, "mail_code", "bob@example.com")
    bobs.save()
    assert counter(backend, "ann@example.com").failures == 2
    noon.shift(60)
    reauthentication.spend(found)
    assert MailToken.objects.get().used_at == after(60)
    anns = counter(backend, "ann@example.com")
    assert (anns.failures, anns.updated_at) == (0, after(60))
    assert counter(backend, "bob@example.com").failures == 2
    with pytest.raises(DomainError) as again:
        reauthentication.spend(found)
    invalid(again.value)


def test_one_lasts_ten_minutes_until_it_is_spent(ann: Person, noon: time_machine.Traveller) -> None:
    nonce = ask(ann)
    noon.move_to(after(599))
    found = match(ann, nonce)
    noon.move_to(after(600))
    with pytest.raises(DomainError) as late:
        reauthentication.spend(found)
    invalid(late.value)
    with pytest.raises(DomainError) as late:
        match(ann, nonce)
    invalid(late.value)


@pytest.mark.parametrize("nonce", ["wrong", None, 123456])
def test_a_wrong_one_counts_and_is_written_down(
    backend: Backend, ann: Person, nonce: object
) -> None:
    with pytest.raises(DomainError) as refused:
        match(ann, nonce)
    invalid(refused.value)
    assert events.last() == refusal(ann, "wrong_nonce")
    guesses = counter(backend, "ann@example.com")
    assert (guesses.failures, guesses.account) == (1, ann.account)


def test_after_ten_wrong_ones_they_wait(ann: Person) -> None:
    nonce = ask(ann)
    for _ in range(10):
        with pytest.raises(DomainError):
            match(ann, "wrong")
    with pytest.raises(TooManyAttempts) as locked:
        match(ann, nonce)
    assert locked.value.retry_after == 900
    assert events.last() == refusal(ann, "locked")


def test_what_was_mailed_for_another_purpose_or_account_is_wrong(
    backend: Backend, ann: Person
) -> None:
    bob = Person.sign_up(backend, "bob@example.com")
    bobs = mint(bob.account, Purpose.REAUTHENTICATION, to="ann@example.com")
    link = mint(ann.account, Purpose.MAGICLINK)
    for code in (bobs.code, link.code):
        with pytest.raises(DomainError) as refused:
            match(ann, code)
        invalid(refused.value)
        assert events.last() == refusal(ann, "wrong_nonce")
    assert not MailToken.objects.exclude(used_at=None).exists()
