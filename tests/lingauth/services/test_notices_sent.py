"""Sending a notice: to which address, with what, and what happens when it cannot be stored."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import DatabaseError, transaction
from pytest_django import Settings

from lingauth.models import Account, Backend, Operator
from lingauth.services import mailing, notices, outbox
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from lingauth.services.notices import Notice
from tests.support import jobs
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db
ANN = Account(email="Ann@example.com")
ACCOUNT_URL = "http://127.0.0.1:8000/b/acme/account"
CONSOLE_URL = "http://127.0.0.1:8000/backends/acme/authentication"
NOON_TEXT = "2026-03-01T12:00:00+00:00"


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller, settings: Settings) -> Backend:
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    return made.backend


def job(notice: str, to: str, **context: Any) -> tuple[str, dict[str, Any]]:
    return "notice", {"notice": notice, "to": to, "at": NOON_TEXT, "context": context}


def test_a_notice_goes_to_the_address_of_the_account(backend: Backend) -> None:
    assert notices.send(Notice.PASSWORD_CHANGED, backend=backend, account=ANN) is True
    assert jobs.waiting() == [job("password_changed", "Ann@example.com", account_url=ACCOUNT_URL)]


def test_a_notice_can_go_elsewhere_and_say_more(backend: Backend) -> None:
    context = {"factor_name": "Phone", "account_url": "https://app.example.com/"}
    sent = notices.send(
        Notice.FACTOR_ENROLLED, backend=backend, account=ANN, context=context, to="old@example.com"
    )
    assert sent is True
    assert jobs.waiting() == [job("factor_enrolled", "old@example.com", **context)]


def test_who_has_no_address_gets_none(backend: Backend) -> None:
    nobody = Account(email="")
    assert notices.send(Notice.PASSWORD_CHANGED, backend=backend, account=nobody) is False
    assert jobs.waiting() == []


def operator(backend: Backend, name: str, role: str, email: str = "") -> Any:
    user = get_user_model().objects.create(username=name, email=email)
    Operator.objects.create(user=user, backend=backend, role=role)
    return user


def test_owners_and_admins_are_told_but_for_the_one_who_did_it(backend: Backend) -> None:
    operator(backend, "owner@example.com", "owner")
    operator(backend, "ad", "admin", "admin@example.com")
    operator(backend, "viewer@example.com", "viewer")
    operator(new_backend("other").backend, "else@example.com", "owner")
    did = operator(backend, "did@example.com", "owner")
    by = Actor("operator", str(did.pk), "did@example.com")
    assert notices.tell_operators(Notice.MFA_NOT_REQUIRED, backend=backend, by=by) is True
    values = {"by": "did@example.com", "console_url": CONSOLE_URL}
    assert sorted(jobs.waiting(), key=str) == [
        job("mfa_not_required", "admin@example.com", **values),
        job("mfa_not_required", "owner@example.com", **values),
    ]


def test_an_act_of_nobody_in_particular_is_told_as_that(backend: Backend) -> None:
    operator(backend, "owner@example.com", "owner")
    assert notices.tell_operators(Notice.MFA_NOT_REQUIRED, backend=backend, by=Actor("system"))
    [(_, payload)] = jobs.waiting()
    assert payload["context"] == {"by": "system", "console_url": CONSOLE_URL}


def test_where_one_operator_cannot_be_told_it_says_so(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first@example.com", "second@example.com"):
        operator(backend, name, "owner")
    answers = [False, True]
    monkeypatch.setattr(notices, "_put", lambda *given: answers.pop())
    by = Actor("system")
    assert notices.tell_operators(Notice.MFA_NOT_REQUIRED, backend=backend, by=by) is False
    assert answers == []


@pytest.mark.parametrize(
    ("field", "values", "address"),
    [
        ("mail", {"mail": "a@example.com"}, "a@example.com"),
        ("mail", {"mail": ""}, "the name"),
        ("mail", {"mail": None}, "the name"),
        ("mail", {}, "the name"),
        (None, {"mail": "a@example.com"}, "the name"),
    ],
)
def test_an_operator_reads_mail_at_their_address_or_their_name(
    field: str | None, values: dict[str, Any], address: str
) -> None:
    kind = type("User", (SimpleNamespace,), {"EMAIL_FIELD": field} if field else {})
    assert notices.address_of(kind(get_username=lambda: "the name", **values)) == address


def test_it_tells_when_it_happened_however_late_it_is_sent(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, noon: time_machine.Traveller
) -> None:
    written: list[Any] = []
    monkeypatch.setattr(mailing, "write", lambda *name, **given: written.append((name, given)))
    notices.send(Notice.PASSWORD_CHANGED, backend=backend, account=ANN)
    noon.shift(3600)
    assert outbox.drain() == 1
    context = {"account_url": ACCOUNT_URL, "at": datetime(2026, 3, 1, 12, tzinfo=UTC)}
    assert written == [
        (
            ("password_changed",),
            {"backend": backend, "to": "Ann@example.com", "context": context},
        )
    ]


def fails(**given: Any) -> None:
    raise DatabaseError


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_stored_is_logged_and_not_raised(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What it tells of has happened."""
    monkeypatch.setattr(outbox, "put", fails)
    with caplog.at_level(logging.DEBUG, logger="lingauth.mail"):
        sent = notices.send(Notice.PASSWORD_CHANGED, backend=backend, account=ANN)
    assert sent is False
    [record] = caplog.records
    assert (record.levelname, record.name) == ("ERROR", "lingauth.mail")
    assert record.getMessage() == "A notice could not be stored"
    assert record.__dict__["notice"] == "password_changed"
    assert record.exc_info is not None
    assert "Ann@example.com" not in caplog.text
    assert mail.outbox == []


def test_in_a_transaction_that_is_broken_by_it_the_caller_has_to_know(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "put", fails)
    with pytest.raises(DatabaseError), transaction.atomic():
        notices.send(Notice.PASSWORD_CHANGED, backend=backend, account=ANN)
