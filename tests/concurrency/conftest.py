"""A backend, and time that stands still so that a code stays one code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from pytest_django import Settings

from lingauth import keyring
from lingauth.core import clock
from lingauth.models import Backend
from lingauth.services.backends import NewBackend
from tests.concurrency.wire import Wire
from tests.support.people import new_backend
from tests.support.plugin import DATABASE
from tests.support.servers import LiveServer


@pytest.fixture(autouse=True)
def hash_queue(settings: Settings) -> None:
    """Longer than any race has threads: here they are to meet in the database, not before it."""
    settings.LINGAUTH = {**settings.LINGAUTH, "HASH_QUEUE": 64}


@pytest.fixture
def backend(transactional_db: None) -> Backend:
    keyring.forget()
    return new_backend().backend


@pytest.fixture
def still() -> Iterator[time_machine.Traveller]:
    """The clock of this process, stopped in the middle of a step."""
    middle = clock.now().timestamp() // 30 * 30 + 15
    with time_machine.travel(middle, tick=False) as moved:
        yield moved


@pytest.fixture(scope="session")
def server(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory, prepared: Path
) -> Iterator[LiveServer]:
    """Two worker processes over the very database of these tests, for all of them."""
    name = connection.settings_dict["NAME"]
    address = os.environ[DATABASE].rsplit("/", 1)[0] + f"/{name}"
    directory = tmp_path_factory.mktemp("races")
    with LiveServer(directory, address, workers=2, prepared=prepared) as running:
        yield running


@pytest.fixture
def live(server: LiveServer, settings: Settings, transactional_db: None) -> NewBackend:
    """A backend at that server. Tokens made in this process carry the server's issuer."""
    settings.LINGAUTH = {**settings.LINGAUTH, "SITE_URL": server.url}
    keyring.forget()
    return new_backend("live")


@pytest.fixture
def wire(server: LiveServer) -> Iterator[Wire]:
    wire = Wire(server.url)
    with wire.http:
        yield wire
