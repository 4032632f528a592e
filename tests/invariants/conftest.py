"""Two backends, an app of the first, and a clock that stands still in the middle of a step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection

from lingauth import keyring
from lingauth.models import Backend
from lingauth.services.backends import NewBackend
from tests.support.app import App
from tests.support.history import happen, seal
from tests.support.people import new_backend

START = datetime(2026, 11, 24, 14, 0, 15, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """24 November 2026, 14:00:15 UTC, until somebody moves it."""
    with time_machine.travel(START, tick=False) as moved:
        yield moved


@pytest.fixture
def made(db: None, clock: time_machine.Traveller) -> NewBackend:
    keyring.forget()
    return new_backend("acme")


@pytest.fixture
def other(made: NewBackend) -> NewBackend:
    return new_backend("rival")


@pytest.fixture
def backend(made: NewBackend) -> Backend:
    return made.backend


@pytest.fixture
def app(made: NewBackend) -> App:
    return App(made.backend.ref, made.anon_key)


@pytest.fixture
def atomic_requests(transactional_db: None) -> Iterator[None]:
    """A host project's own choice, which must not undo what an error answer has to leave behind."""
    before = connection.settings_dict["ATOMIC_REQUESTS"]
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    yield
    connection.settings_dict["ATOMIC_REQUESTS"] = before


@pytest.fixture
def story(made: NewBackend, other: NewBackend) -> list[int]:
    """Three seals of acme and of rival each, and one of what belongs to no backend; acme's ids."""
    ids: list[int] = []
    for _ in range(3):
        ids += happen(made.backend.pk, 3)
        happen(other.backend.pk, 2)
        seal()
    happen(None)
    seal()
    return ids
