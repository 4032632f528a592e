"""Beginning to change an address: what is written, what waits, what is let go."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core import mail
from pytest_django import Settings

from lingauth.core.errors import DomainError, SessionGone, ValidationFailed
from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, Event, Flow, MailToken, RateLimit, Session
from lingauth.services import email_change, mail_tokens, outbox
from lingauth.services.access import SignedIn
from lingauth.services.backends import NewBackend
from lingauth.services.mail_tokens import Purpose
from tests.support import events, jobs
from tests.support.events import CLIENT
from tests.support.noon import NOON, after
from tests.support.people import Person

pytestmark = pytest.mark.django_db
ANN, NEW = "ann@example.com", "New@example.com"
CLIENT_WRITTEN = {"ip": "192.0.2.7", "user_agent": "tests", "request_id": "request-1"}


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


@pytest.fixture
def me(backend: Backend, settings: Settings) -> SignedIn:
    """Ann, at a backend that sends mails, which nobody delivers."""
    person = Person.sign_up(backend, ANN)
    Backend.objects.update(auto_confirm=False)
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    return person.me()


def start(me: SignedIn, email: object = NEW, **more: Any) -> Account:
    return email_change.start(me=me, email=email, client=CLIENT, **more)


def job_of(me: SignedIn, **more: Any) -> tuple[str, dict[str, Any]]:
    values = {
        "account": str(me.account.uuid),
        "email": NEW,
        "redirect_to": "",
        "flow": None,
        "client": CLIENT_WRITTEN,
    }
    return "email_change", values | more


def test_a_change_waits_and_is_written_down(me: SignedIn, noon: time_machine.Traveller) -> None:
    bob = Person.sign_up(Backend(pk=me.backend.pk, ref="acme", auto_confirm=True), "b@example.com")
    mail_tokens.mint(account=bob.account, purpose=Purpose.EMAIL_CHANGE_NEW, email="c@example.com")
    mail_tokens.mint(account=me.account, purpose=Purpose.EMAIL_CHANGE_NEW, email="d@example.com")
    mail_tokens.mint(account=me.account, purpose=Purpose.EMAIL_CHANGE_CURRENT, email=ANN)
    recovery = mail_tokens.mint(account=me.account, purpose=Purpose.RECOVERY, email=ANN).row
    noon.shift(5)
    answer = start(me)
    assert answer == me.account
    assert (answer.new_email, answer.email_change_sent_at) == (NEW, after(5))
    row = Account.objects.get(pk=me.account.pk)
    assert (row.new_email, row.email_change_sent_at) == (NEW, after(5))
    assert (row.email, row.email_key) == (ANN, ANN)
    other = Account.objects.get(pk=bob.account.pk)
    assert (other.new_email, other.email_change_sent_at) == ("", None)
    left = set(MailToken.objects.filter(account=me.account))
    assert left == {recovery}
    assert MailToken.objects.filter(account=bob.account).exists()
    assert events.last() == events.by(me, "email_change_started")
    assert jobs.waiting() == [job_of(me)]
    assert not Flow.objects.exists()


def test_an_apps_flow_lives_as_long_as_the_link(me: SignedIn) -> None:
    start(me, redirect_to="https://app.example.com/x", pkce=Pkce("c" * 43, "plain"))
    flow = Flow.objects.get()
    assert (flow.backend, flow.provider, flow.redirect_to) == (
        me.backend,
        "email",
        "https://app.example.com/x",
    )
    assert (flow.challenge, flow.challenge_method) == ("c" * 43, "plain")
    assert (flow.created_at, flow.expires_at) == (NOON, after(24 * 3600))
    assert jobs.waiting() == [
        job_of(me, flow=str(flow.pk), redirect_to="https://app.example.com/x")
    ]


def test_the_present_address_is_no_change(me: SignedIn) -> None:
    before = Event.objects.count()
    assert start(me, "ANN@Example.com") is me.account
    assert (Event.objects.count(), jobs.waiting()) == (before, [])
    assert not RateLimit.objects.exists()
    assert Account.objects.get().new_email == ""


def test_what_is_no_address_is_refused(me: SignedIn) -> None:
    with pytest.raises(ValidationFailed):
        start(me, "nobody")
    with pytest.raises(ValidationFailed):
        email_change.again(backend=me.backend, email=7, client=CLIENT)


def test_the_new_address_pays_for_its_mails(me: SignedIn) -> None:
    start(me)
    for ask in (
        lambda: start(me),
        lambda: email_change.again(backend=me.backend, email=NEW.lower(), client=CLIENT),
    ):
        with pytest.raises(DomainError) as refused:
            ask()
        assert (refused.value.code, refused.value.retry_after) == (
            "over_email_send_rate_limit",
            60,
        )
    assert len(jobs.waiting()) == 1


def test_a_session_that_ended_meanwhile_changes_nothing(me: SignedIn) -> None:
    Session.objects.update(ended_at=NOON, end_reason="signed_out")
    for act in (lambda: start(me), lambda: email_change.cancel(me=me)):
        with pytest.raises(SessionGone):
            act()
    assert Account.objects.get().new_email == ""
    assert jobs.waiting() == []


def test_asking_again_is_a_job_whether_a_change_waits_or_not(
    me: SignedIn, noon: time_machine.Traveller
) -> None:
    email_change.again(backend=me.backend, email=NEW, client=CLIENT)
    noon.shift(60)
    email_change.again(
        backend=me.backend, email=NEW, client=CLIENT, redirect_to="https://app.example.com/x"
    )
    first = {"email": "new@example.com", "redirect_to": "", "client": CLIENT_WRITTEN}
    assert jobs.waiting() == [
        ("email_change_again", first),
        ("email_change_again", first | {"redirect_to": "https://app.example.com/x"}),
    ]


def test_what_an_earlier_release_left_to_be_mailed_is_still_done() -> None:
    assert outbox._handlers["email_change"] is email_change.answer
    assert outbox._handlers["email_change_again"] is email_change.answer_again


def test_a_change_that_is_let_go_leaves_nothing(me: SignedIn, backend: Backend) -> None:
    start(me)
    Account.objects.create(
        backend=backend,
        user=type(me.account.user).objects.create(username="bob"),
        email_key="bob@example.com",
        new_email="c@example.com",
    )
    for purpose in (Purpose.EMAIL_CHANGE_CURRENT, Purpose.EMAIL_CHANGE_NEW, Purpose.RECOVERY):
        mail_tokens.mint(account=me.account, purpose=purpose, email=ANN)
    bobs = Account.objects.get(email_key="bob@example.com")
    mail_tokens.mint(account=bobs, purpose=Purpose.EMAIL_CHANGE_NEW, email="c@example.com")
    email_change.cancel(me=me)
    assert Account.objects.get(pk=me.account.pk).new_email == ""
    assert Account.objects.get(pk=bobs.pk).new_email == "c@example.com"
    left = MailToken.objects.order_by("pk").values_list("account_id", "purpose")
    assert list(left) == [(me.account.pk, "recovery"), (bobs.pk, "email_change_new")]
    assert mail.outbox == []


def test_where_addresses_confirm_themselves_it_is_changed_at_once(
    backend: Backend, noon: time_machine.Traveller
) -> None:
    person = Person.sign_up(backend, ANN)
    mail_tokens.mint(account=person.account, purpose=Purpose.RECOVERY, email=ANN)
    me = person.me()
    noon.shift(5)
    account = start(me)
    row = Account.objects.get()
    for found in (account, row):
        assert (found.email, found.email_key) == (NEW, "new@example.com")
        assert (found.email_confirmed_at, found.auto_confirmed) == (after(5), True)
        assert (found.new_email, found.is_anonymous) == ("", False)
    assert events.last() == events.by(me, "email_changed")
    assert not MailToken.objects.exists()
    assert not RateLimit.objects.exists()
    [message] = mail.outbox
    assert message.to == [ANN]
    assert "N•••@example.com" in message.body


def test_a_guest_who_takes_an_address_there_is_a_guest_no_longer(backend: Backend) -> None:
    person = Person.sign_up(backend, ANN)
    Account.objects.update(is_anonymous=True, email="", email_key="x")
    me = person.me()
    start(me)
    assert events.last() == events.by(me, "account_converted")
    assert not Account.objects.get().is_anonymous
    assert mail.outbox == []


def test_a_taken_address_is_refused_there_and_nothing_is_changed(backend: Backend) -> None:
    Person.sign_up(backend, "new@example.com")
    me = Person.sign_up(backend, ANN).me()
    before = Event.objects.count()
    with pytest.raises(DomainError) as refused:
        start(me)
    error = refused.value
    assert (error.code, error.status) == ("email_exists", 422)
    assert error.message == "A user with this email address has already been registered"
    row = Account.objects.get(pk=me.account.pk)
    assert (row.email, row.email_key, Event.objects.count()) == (ANN, ANN, before)
    assert mail.outbox == []
