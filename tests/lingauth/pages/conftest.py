"""A backend, people, and a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from lingauth.models import Backend
from lingauth.services import backends
from lingauth.services.context import Actor
from tests.lingauth.pages.people import Person
from tests.support.app import App


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The start of a 30-second step, so that a code lasts as long as one thinks."""
    with time_machine.travel(datetime(2026, 9, 1, 12, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def backend(db: None, clock: time_machine.Traveller) -> Backend:
    made = backends.create_backend(
        ref="acme", name="Acme", auto_confirm=True, actor=Actor.system("test")
    )
    return made.backend


@pytest.fixture
def ana(backend: Backend, clock: time_machine.Traveller) -> Person:
    """Signed up and signed in, without a factor."""
    person = Person(backend, clock)
    person.sign_up()
    return person


@pytest.fixture
def mia(backend: Backend, clock: time_machine.Traveller) -> Person:
    """Signed in with a verified factor and saved recovery codes, a moment ago."""
    person = Person(backend, clock, "mia@example.com")
    person.sign_up()
    person.set_up()
    person.finish()
    return person


def require_mfa(backend: Backend, **more: object) -> None:
    """Turn the switch on, as the console does."""
    values = {"mfa_mode": "required", **more}
    Backend.objects.filter(pk=backend.pk).update(**values)


@pytest.fixture
def app(db: None, clock: time_machine.Traveller) -> App:
    made = backends.create_backend(
        ref="acme", name="Acme", auto_confirm=True, actor=Actor.system("tests")
    )
    places = ["https://app.example.com/**", "com.example.app://back"]
    Backend.objects.filter(pk=made.backend.pk).update(redirect_urls=places)
    app = App("acme", made.anon_key)
    app.sign_up("ann@example.com")
    return app


@pytest.fixture
def enrolled(app: App, clock: time_machine.Traveller) -> App:
    """Ann has a factor, and signed in again."""
    app.reach_aal2()
    app.sign_in()
    clock.shift(60)
    return app
