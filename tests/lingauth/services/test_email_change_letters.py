"""A change of address: whom it writes to, and what it waits for."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core import mail

from lingauth.models import Account, Backend, Flow, MailToken
from lingauth.services import email_change, mail_tokens
from lingauth.services.backends import NewBackend
from lingauth.services.mail_tokens import Purpose
from tests.support.noon import NOON, after
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db
ANN, NEW = "ann@example.com", "New@example.com"
CURRENT, NEXT = Purpose.EMAIL_CHANGE_CURRENT, Purpose.EMAIL_CHANGE_NEW
SENT = {"redirect_to": "", "client": {"ip": "192.0.2.7", "user_agent": "tests"}}


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


@pytest.fixture
def ann(backend: Backend) -> Account:
    """Her change waits."""
    account = Person.sign_up(backend, ANN).account
    Account.objects.update(new_email=NEW)
    account.refresh_from_db()
    return account


def answer(ann: Account, email: str = NEW, uuid: UUID | None = None, **more: Any) -> None:
    payload = {"account": str(uuid or ann.uuid), "email": email, "flow": None, **SENT}
    email_change.answer(ann.backend, payload | more)


def sent() -> list[tuple[str, str]]:
    """Which letters there are, and to whom, in the order of the mails."""
    purposes = dict(MailToken.objects.values_list("email_key", "purpose"))
    to = [message.to[0] for message in mail.outbox]
    return [(address, purposes.get(address.lower(), "")) for address in to]


def agree(ann: Account, purpose: Purpose, email: str) -> MailToken:
    row = mail_tokens.mint(account=ann, purpose=purpose, email=email).row
    MailToken.objects.filter(pk=row.pk).update(used_at=NOON)
    return row


BOTH = [(ANN, "email_change_current"), (NEW, "email_change_new")]


def test_both_addresses_are_written_to(ann: Account) -> None:
    answer(ann)
    assert sent() == BOTH
    assert set(MailToken.objects.values_list("account", flat=True)) == {ann.pk}


def test_the_letters_have_the_flow_and_the_place_to_return_to(ann: Account) -> None:
    flow = Flow.objects.create(backend=ann.backend, provider="email", expires_at=after(60))
    answer(ann, flow=str(flow.pk), redirect_to="https://app.example.com/x")
    assert {row.flow for row in MailToken.objects.all()} == {flow}
    for message in mail.outbox:
        assert "redirect_to=https%3A%2F%2Fapp.example.com%2Fx" in message.body
        assert "/b/acme/" in message.body


def test_a_change_that_is_another_by_now_or_gone_is_not_written_of(ann: Account) -> None:
    answer(ann, "else@example.com")
    answer(ann, uuid=uuid4())
    other = new_backend("other").backend
    payload = {"account": str(ann.uuid), "email": NEW, "flow": None, **SENT}
    email_change.answer(other, payload)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("values", "both"),
    [
        ({}, True),
        ({"email_confirmed_at": None}, False),
        ({"email_key": "9f2b"}, False),
    ],
)
def test_the_present_address_has_a_say_if_it_is_one_and_confirmed(
    ann: Account, values: dict[str, Any], both: bool
) -> None:
    Account.objects.update(**values)
    ann.refresh_from_db()
    assert email_change.asks_both(ann) == both
    assert email_change.waits_for(ann) == ([NEXT, CURRENT] if both else [NEXT])


def test_the_present_address_has_no_say_where_the_backend_does_not_ask_it(ann: Account) -> None:
    ann.backend.secure_email_change = False
    assert not email_change.asks_both(ann)
    answer(ann)
    assert sent() == BOTH[1:]


def test_who_has_agreed_is_not_asked_again(ann: Account) -> None:
    agree(ann, CURRENT, ANN)
    assert email_change.waits_for(ann) == [NEXT]
    answer(ann)
    assert [message.to for message in mail.outbox] == [[NEW]]
    assert MailToken.objects.exclude(used_at=None).count() == 1
    mail.outbox.clear()
    agree(ann, NEXT, NEW)
    assert email_change.waits_for(ann) == []
    answer(ann)
    assert mail.outbox == []


def test_what_another_agreed_to_and_what_was_another_purpose_counts_for_nothing(
    ann: Account, backend: Backend
) -> None:
    agree(Person.sign_up(backend, "bob@example.com").account, NEXT, NEW)
    agree(ann, Purpose.RECOVERY, ANN)
    assert email_change.waits_for(ann) == [NEXT, CURRENT]


def test_a_taken_address_hears_of_it_and_gets_no_token(ann: Account, backend: Backend) -> None:
    Person.sign_up(backend, "new@example.com")
    answer(ann)
    assert [message.to for message in mail.outbox] == [[ANN], ["new@example.com"]]
    assert "already" in str(mail.outbox[1].body)
    assert MailToken.objects.get().purpose == "email_change_current"


def test_an_address_taken_at_another_backend_is_free_here(ann: Account) -> None:
    Person.sign_up(new_backend("other").backend, "new@example.com")
    answer(ann)
    assert sent() == BOTH


def again(backend: Backend, email: str = "new@example.com") -> None:
    email_change.answer_again(backend, {"email": email, **SENT})


def test_asked_again_those_who_have_not_agreed_are_written_to(ann: Account) -> None:
    answer(ann)
    mail.outbox.clear()
    bob = Person.sign_up(ann.backend, "bob@example.com").account
    mail_tokens.mint(account=bob, purpose=NEXT, email="bobs@example.com")
    again(new_backend("other").backend)
    again(ann.backend, "else@example.com")
    assert mail.outbox == []
    again(ann.backend)
    assert sent() == BOTH
    assert MailToken.objects.filter(account=ann).count() == 2


def test_asked_again_nothing_is_sent_where_no_change_waits_for_that_address(ann: Account) -> None:
    agree(ann, Purpose.RECOVERY, "new@example.com")
    again(ann.backend)
    mail_tokens.mint(account=ann, purpose=NEXT, email=NEW)
    Account.objects.update(new_email="else@example.com")
    again(ann.backend)
    assert mail.outbox == []


def test_the_awaited_address_as_it_is_looked_up_by(ann: Account) -> None:
    assert email_change.awaited_key(ann) == "new@example.com"
    ann.new_email = ""
    assert email_change.awaited_key(ann) == ""
