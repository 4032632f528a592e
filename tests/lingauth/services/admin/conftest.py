"""A backend, its server, a clock that stands still, and somebody with factors."""

from __future__ import annotations

import pytest
from django.core import mail

from lingauth.models import Backend, TotpFactor
from lingauth.services.admin.by import By
from tests.lingauth.api.people import Clock
from tests.support.acts import CLIENT, SERVER
from tests.support.people import Person, new_backend


@pytest.fixture
def by(moved: Clock, db: None) -> By:
    backend = new_backend().backend
    Backend.objects.filter(pk=backend.pk).update(site_url="https://app.example.com")
    backend.refresh_from_db()
    return By(backend, SERVER, CLIENT)


@pytest.fixture
def member(by: By, moved: Clock) -> Person:
    """With an authenticator, recovery codes, and a session at ``aal2``."""
    person = Person.sign_up(by.backend, "ann@example.com").enrol("Phone").make_codes()
    mail.outbox.clear()
    moved.shift(60)
    return person


@pytest.fixture
def second(member: Person, moved: Clock) -> TotpFactor:
    """One more authenticator."""
    first, secret = member.factor, member.secret
    member.enrol("Tablet")
    made = TotpFactor.objects.get(uuid=member.factor)
    member.factor, member.secret = first, secret
    mail.outbox.clear()
    moved.shift(60)
    return made
