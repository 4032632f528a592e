"""Whoever has the address gets what is right: a letter, and which password it confirms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import is_password_usable
from django.core import mail

from lingauth.models import Account, Backend, Event, Flow, MailToken
from lingauth.services import mail_asks, mail_tokens, new_account
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from lingauth.services.mail_tokens import Purpose
from tests.support import acts
from tests.support.acts import CLIENT
from tests.support.noon import NOON, after
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db
ANN, CHOSEN = "ann@example.com", "the hash of her choice"


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


def member(backend: Backend, email: str = ANN, **more: Any) -> Account:
    account, _ = new_account.create(
        backend=backend, email=email, password=CHOSEN, metadata={}, client=CLIENT, **more
    )
    return account


def answer(backend: Backend, purpose: Purpose, **more: Any) -> None:
    payload = {
        "purpose": purpose.value,
        "email": "ANN@example.com",
        "redirect_to": "",
        "flow": None,
        "client": {"ip": "192.0.2.7", "user_agent": "tests", "request_id": "request-1"},
    }
    mail_asks.answer(backend, payload | more)


def password(account: Account) -> str:
    account.user.refresh_from_db()
    return str(account.user.password)


@pytest.mark.parametrize("purpose", [Purpose.MAGICLINK, Purpose.RECOVERY])
def test_who_is_confirmed_gets_what_was_asked_for_and_keeps_the_password(
    backend: Backend, purpose: Purpose
) -> None:
    ann = member(backend, confirmed=True)
    member(backend, "bob@example.com", confirmed=True)
    answer(backend, purpose)
    token = MailToken.objects.get()
    assert (token.account, token.purpose, token.password) == (ann, purpose.value, "")
    assert [message.to for message in mail.outbox] == [[ANN]]
    assert password(ann) == CHOSEN
    assert acts.written()[-1] == acts.event(
        "mail_sent",
        backend=backend,
        actor=Actor("account", str(ann.uuid)),
        account=ann,
        purpose=purpose.value,
    )


@pytest.mark.parametrize(
    ("asked", "sent"),
    [(Purpose.MAGICLINK, "signup"), (Purpose.RECOVERY, "recovery")],
)
def test_whoever_confirms_an_address_that_waits_has_no_password_of_somebody_elses(
    backend: Backend, asked: Purpose, sent: str
) -> None:
    bob, ann = member(backend, "bob@example.com"), member(backend)
    answer(backend, asked)
    token = MailToken.objects.get()
    assert (token.account, token.purpose) == (ann, sent)
    assert not is_password_usable(token.password)
    assert password(ann) == token.password
    assert password(bob) == CHOSEN


def test_a_letter_sent_once_more_confirms_what_the_one_before_did(backend: Backend) -> None:
    ann = member(backend)
    mail_tokens.mint(account=ann, purpose=Purpose.SIGNUP, email=ANN, password="a hash")
    answer(backend, Purpose.SIGNUP)
    assert MailToken.objects.get().password == "a hash"
    assert password(ann) == CHOSEN
    assert len(mail.outbox) == 1


def test_who_signed_up_now_gets_the_letter_and_keeps_the_password(backend: Backend) -> None:
    ann = member(backend)
    answer(backend, Purpose.SIGNUP, signed_up=str(ann.uuid), agrees=False)
    assert (MailToken.objects.get().password, password(ann)) == ("", CHOSEN)


def test_who_signed_up_again_with_the_same_password_keeps_it(backend: Backend) -> None:
    ann = member(backend)
    answer(backend, Purpose.SIGNUP, signed_up="", agrees=True)
    assert (MailToken.objects.get().password, password(ann)) == ("", CHOSEN)


def test_of_two_who_signed_up_with_two_passwords_neither_keeps_theirs(backend: Backend) -> None:
    ann = member(backend)
    answer(backend, Purpose.SIGNUP, signed_up="", agrees=False)
    assert not is_password_usable(MailToken.objects.get().password)
    assert password(ann) == MailToken.objects.get().password


def test_who_is_a_member_hears_that_somebody_signed_up(backend: Backend) -> None:
    ann = member(backend, confirmed=True)
    answer(backend, Purpose.SIGNUP, signed_up="", agrees=True)
    [message] = mail.outbox
    assert message.to == [ANN]
    assert not MailToken.objects.exists()
    assert password(ann) == CHOSEN


def test_who_is_a_member_gets_no_confirmation_once_more(backend: Backend) -> None:
    member(backend, confirmed=True)
    answer(backend, Purpose.SIGNUP)
    assert mail.outbox == []
    assert not MailToken.objects.exists()


def test_a_letter_has_the_flow_that_the_app_began_if_it_is_still_there(backend: Backend) -> None:
    member(backend, confirmed=True)
    flow = Flow.objects.create(backend=backend, provider="email", expires_at=after(60))
    answer(backend, Purpose.MAGICLINK, flow=str(flow.pk), redirect_to="https://app.example.com/")
    assert MailToken.objects.get().flow == flow
    assert "token=pkce_" in mail.outbox[0].body
    assert "redirect_to=https%3A%2F%2Fapp.example.com%2F" in mail.outbox[0].body
    was = str(flow.pk)
    flow.delete()
    answer(backend, Purpose.MAGICLINK, flow=was)
    assert MailToken.objects.get().flow is None


@pytest.mark.parametrize(
    ("values", "letters"),
    [
        ({"banned_until": NOON + timedelta(seconds=1)}, 0),
        ({"banned_until": NOON}, 1),
        ({"deleted_at": NOON}, 0),
    ],
)
def test_who_is_barred_gets_nothing(backend: Backend, values: dict[str, Any], letters: int) -> None:
    member(backend, confirmed=True)
    Account.objects.update(**values)
    answer(backend, Purpose.MAGICLINK, create_user=True, data={})
    assert len(mail.outbox) == MailToken.objects.count() == letters


def test_whose_host_user_is_inactive_gets_nothing(backend: Backend) -> None:
    ann = member(backend, confirmed=True)
    type(ann.user)._default_manager.filter(pk=ann.user_id).update(is_active=False)
    answer(backend, Purpose.RECOVERY)
    assert mail.outbox == []


def test_the_same_address_at_another_backend_is_another_persons(backend: Backend) -> None:
    theirs = member(new_backend("other").backend)
    answer(backend, Purpose.RECOVERY)
    assert mail.outbox == []
    assert mail_asks.waiting_user(backend, ANN) is None
    assert mail_asks.waiting_user(theirs.backend, ANN) == theirs.user


def test_who_waits_for_a_confirmation_and_who_does_not(
    backend: Backend, django_assert_num_queries: Any
) -> None:
    assert mail_asks.waiting_user(backend, ANN) is None
    ann = member(backend)
    with django_assert_num_queries(1):
        assert mail_asks.waiting_user(backend, ANN) == ann.user
    Account.objects.update(email_confirmed_at=NOON)
    assert mail_asks.waiting_user(backend, ANN) is None


def test_who_confirmed_a_moment_ago_keeps_the_password(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read as one that waits, and confirmed before it was held."""
    member(backend, "bob@example.com")
    ann = member(backend)
    hold = type(Account.objects).hold

    def late(manager: Any, account_id: int) -> None:
        Account.objects.filter(pk=account_id).update(email_confirmed_at=NOON)
        hold(manager, account_id)

    monkeypatch.setattr(type(Account.objects), "hold", late)
    answer(backend, Purpose.RECOVERY)
    assert password(ann) == CHOSEN
    assert not is_password_usable(MailToken.objects.get().password)
    assert Event.objects.filter(kind="mail_sent").count() == 1
