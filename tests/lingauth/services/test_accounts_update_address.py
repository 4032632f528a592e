"""Changing one's own address, below HTTP: what it takes, and what it is told."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import check_password

from lingauth.core.pkce import Pkce, s256
from lingauth.models import Account, Backend, Flow, MailToken
from lingauth.services import accounts
from lingauth.services.mail_tokens import Purpose
from tests.support import acts, events
from tests.support.app import PASSWORD
from tests.support.events import CLIENT
from tests.support.mailbox import newest
from tests.support.noon import after
from tests.support.pending import VERIFIER, mint
from tests.support.people import Person, new_backend

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NEW = "another battery staple"


@pytest.fixture
def backend(noon: object) -> Backend:
    return new_backend().backend


@pytest.fixture
def ann(backend: Backend) -> Person:
    return Person.sign_up(backend, "Ann@example.com")


@pytest.fixture
def stale(ann: Person, noon: time_machine.Traveller) -> Person:
    """She signed in more than ten minutes ago."""
    noon.move_to(after(601))
    return ann


def strict() -> None:
    """From now on the backend confirms addresses by mail."""
    Backend.objects.update(auto_confirm=False)


def update(person: Person, **changes: Any) -> Account:
    return accounts.update(me=person.me(), client=CLIENT, **changes)


def stored(person: Person) -> dict[str, Any]:
    return dict(Account.objects.filter(pk=person.account.pk).values().get())


def knows(person: Person, password: str) -> bool:
    person.account.user.refresh_from_db()
    return check_password(password, person.account.user.password)


def test_a_new_address_waits_for_its_confirmation(ann: Person) -> None:
    strict()
    changed = update(
        ann,
        email="New@example.com",
        redirect_to="https://app.example.com/in",
        pkce=Pkce(s256(VERIFIER), "s256"),
    )
    assert (changed.email, changed.new_email) == ("Ann@example.com", "New@example.com")
    assert stored(ann)["new_email"] == "New@example.com"
    flow = Flow.objects.get()
    assert flow.challenge == s256(VERIFIER)
    assert newest("New@example.com").query["redirect_to"] == "https://app.example.com/in"
    assert acts.written()[-3] == events.by(ann.me(), "email_change_started")
    assert events.last()["kind"] == "mail_sent"
    assert events.last()["request_id"] == "request-1"


def test_a_nonce_is_spent_with_the_address_alone_as_well(backend: Backend, stale: Person) -> None:
    strict()
    made = mint(stale.account, Purpose.REAUTHENTICATION)
    update(stale, email="new@example.com", nonce=made.code)
    assert MailToken.objects.get(pk=made.row.pk).used_at == after(601)


def test_password_and_address_take_one_nonce_for_both(stale: Person) -> None:
    made = mint(stale.account, Purpose.REAUTHENTICATION)
    changed = update(stale, email="new@example.com", password=NEW, nonce=made.code)
    assert changed.email == "new@example.com"
    assert knows(stale, NEW)
    assert stored(stale)["email_key"] == "new@example.com"


def test_the_current_password_is_enough_for_an_address(stale: Person) -> None:
    changed = update(stale, email="new@example.com", current_password=PASSWORD)
    assert changed.email == "new@example.com"
    assert events.last() == events.by(stale.me(), "email_changed")
