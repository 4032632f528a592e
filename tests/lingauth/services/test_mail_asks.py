"""Asking for a mail: what waits afterwards, and what each answer to it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import is_password_usable
from django.core import mail
from pytest_django import Settings

from lingauth.core.errors import DomainError, ValidationFailed
from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, Flow, MailJob, MailToken
from lingauth.services import mail_asks, new_account
from lingauth.services.backends import NewBackend
from lingauth.services.context import ClientInfo
from lingauth.services.mail_tokens import Purpose
from tests.support import jobs
from tests.support.noon import NOON, after

pytestmark = pytest.mark.django_db
ANN = "Ann@example.com"
CLIENT = ClientInfo(ip="192.0.2.7", user_agent="tests", request_id="request-1")
WRITTEN = {"ip": "192.0.2.7", "user_agent": "tests", "request_id": "request-1"}
CHALLENGE = Pkce("c" * 43, "s256")


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


@pytest.fixture
def queue(settings: Settings) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """Nothing is delivered; the jobs that wait."""
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    return jobs.waiting


def ask(backend: Backend, purpose: Purpose = Purpose.MAGICLINK, **more: Any) -> None:
    email = more.pop("email", ANN)
    mail_asks.ask(backend=backend, purpose=purpose, email=email, client=CLIENT, **more)


Queue = Callable[[], list[tuple[str, dict[str, Any]]]]


def test_an_ask_is_a_job_and_nothing_else(backend: Backend, queue: Queue) -> None:
    ask(backend)
    assert queue() == [
        (
            "ask",
            {
                "purpose": "magiclink",
                "email": ANN,
                "redirect_to": "",
                "flow": None,
                "client": WRITTEN,
                "data": {},
                "create_user": True,
            },
        )
    ]
    assert MailJob.objects.get().backend == backend
    assert not Flow.objects.exists()
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("purpose", "minutes"),
    [(Purpose.MAGICLINK, 24 * 60), (Purpose.SIGNUP, 24 * 60), (Purpose.RECOVERY, 30)],
)
def test_the_apps_flow_lives_as_long_as_the_link_may(
    backend: Backend, queue: Queue, purpose: Purpose, minutes: int
) -> None:
    """A link to sign in is one that confirms where that is needed first."""
    ask(
        backend,
        purpose,
        redirect_to="https://app.example.com/back",
        pkce=CHALLENGE,
        data={"name": "Ann", "age": None},
        create_user=False,
    )
    flow = Flow.objects.get()
    [(kind, payload)] = queue()
    assert (kind, payload) == (
        "ask",
        {
            "purpose": purpose.value,
            "email": ANN,
            "redirect_to": "https://app.example.com/back",
            "flow": str(flow.pk),
            "client": WRITTEN,
            "data": {"name": "Ann"},
            "create_user": False,
        },
    )
    assert (flow.backend, flow.provider) == (backend, "email")
    assert (flow.challenge, flow.challenge_method) == ("c" * 43, "s256")
    assert flow.redirect_to == "https://app.example.com/back"
    assert (flow.created_at, flow.expires_at) == (NOON, after(60 * minutes))


def test_what_is_no_address_or_no_object_is_refused_and_costs_nothing(
    backend: Backend, queue: Queue
) -> None:
    with pytest.raises(ValidationFailed):
        ask(backend, email="nobody")
    with pytest.raises(ValidationFailed):
        ask(backend, data=["x"])
    ask(backend)
    assert len(queue()) == 1


def test_one_who_asks_too_often_is_refused(backend: Backend, queue: Queue) -> None:
    ask(backend, email="ann@example.com")
    with pytest.raises(DomainError) as refused:
        ask(backend, email="ANN@example.com")
    error = refused.value
    assert (error.code, error.status, error.retry_after) == ("over_email_send_rate_limit", 429, 60)
    assert len(queue()) == 1


def test_a_mail_that_was_asked_for_is_sent(backend: Backend) -> None:
    ask(backend)
    [message] = mail.outbox
    assert message.to == [ANN]
    assert not MailJob.objects.exists()


def test_who_is_new_has_an_account_without_a_password_and_a_letter_that_confirms_it(
    backend: Backend,
) -> None:
    ask(backend, data={"name": "Ann"}, redirect_to="https://app.example.com/x", pkce=CHALLENGE)
    account = Account.objects.select_related("user").get()
    assert (account.email, account.email_key) == (ANN, "ann@example.com")
    assert account.email_confirmed_at is None
    assert account.user_metadata["name"] == "Ann"
    assert not is_password_usable(account.user.password)
    token = MailToken.objects.get()
    assert (token.purpose, token.flow) == ("signup", Flow.objects.get())
    assert token.password.startswith("!")
    assert "redirect_to=https%3A%2F%2Fapp.example.com%2Fx" in mail.outbox[0].body


@pytest.mark.parametrize("purpose", [Purpose.RECOVERY, Purpose.SIGNUP])
def test_only_a_link_to_sign_in_makes_an_account(backend: Backend, purpose: Purpose) -> None:
    ask(backend, purpose)
    assert not Account.objects.exists()
    assert mail.outbox == []


def test_no_account_is_made_where_the_app_or_the_backend_does_not_want_it(
    backend: Backend,
) -> None:
    ask(backend, create_user=False)
    backend.signup_enabled = False
    backend.save()
    ask(backend, email="bob@example.com")
    assert not Account.objects.exists()
    assert mail.outbox == []
    assert not MailJob.objects.exists()


def test_who_signs_up_at_the_same_moment_gets_the_letter(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = new_account.create

    def late(**given: Any) -> Any:
        create(**given | {"password": None})
        return create(**given)

    monkeypatch.setattr(new_account, "create", late)
    ask(backend)
    assert Account.objects.count() == 1
    assert MailToken.objects.get().purpose == "signup"
    assert len(mail.outbox) == 1
