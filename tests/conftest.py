"""Fixtures for every test: servers to talk to, a browser to look with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support import chromium
from tests.support.plugin import DATABASE
from tests.support.postgres import Postgres
from tests.support.servers import LiveServer, prepare

StartServer = Callable[..., LiveServer]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this test run's own, beside the one that ``--postgres`` starts."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files and an empty database, which all servers of the run begin with."""
    return prepare(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def start_server(tmp_path: Path, prepared: Path) -> Iterator[StartServer]:
    """Starts servers that end with the test: ``start_server(database_url=…, workers=…)``.

    Without an address each has an SQLite file of its own.
    """
    with ExitStack() as servers:

        def start(
            database_url: str | None = None,
            *,
            workers: int = 2,
            environment: dict[str, str] | None = None,
        ) -> LiveServer:
            server = LiveServer(
                tmp_path / f"server-{len(os.listdir(tmp_path))}",
                database_url,
                workers=workers,
                prepared=prepared,
                environment=environment,
            )
            return servers.enter_context(server)

        yield start


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The address of the very database that this test's models use, for a server beside it."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ[DATABASE].rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    # Playwright keeps an event loop on this thread, which makes Django refuse the database here.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with chromium.launched() as running:
        yield running
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without history. Nothing may take longer than ten seconds."""
    fresh = browser.new_context(locale="en-GB", timezone_id="UTC")
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab in it."""
    return context.new_page()
