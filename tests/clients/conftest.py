"""One live server over PostgreSQL for all clients, and the JavaScript tests beside the Python."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jwt
import psycopg
import pytest
from playwright.sync_api import expect

from tests.clients.provider import obliging
from tests.clients.results import NodeRun, files
from tests.clients.sdk import LIVE, App, bundled, serving
from tests.support.postgres import Postgres
from tests.support.servers import ROOT, LiveServer


@dataclass(frozen=True, slots=True)
class Site:
    """The server's backends by name, and the file that tells them to the JavaScript tests."""

    server: LiveServer
    backends: dict[str, dict[str, str]]
    file: Path

    @property
    def mail(self) -> Path:
        return self.server.directory / "mail"

    def age(self, access_token: str, *, minutes: int) -> None:
        """Let a session's sign-in be longer ago. Clients cannot wait, and the server's clock is
        real."""
        claims = jwt.decode(access_token, options={"verify_signature": False})
        with psycopg.connect(self.server.database_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE lingauth_session SET created_at = created_at - make_interval(mins => %s)"
                " WHERE id = %s",
                [minutes, claims["session_id"]],
            )


@pytest.fixture(scope="session")
def site(
    postgres: Postgres, prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("clients")
    # As behind a proxy, so that each client may come from an address of its own.
    environment = {
        "LINGAUTH_TRUSTED_PROXIES": "1",
        "DJANGO_SETTINGS_MODULE": "tests.clients.settings",
    }
    server = LiveServer(
        directory, postgres.create("clients"), prepared=prepared, environment=environment
    )
    with obliging() as provider, server:
        done = subprocess.run(
            [sys.executable, "-m", "tests.clients.prepare", provider.base],
            cwd=ROOT,
            env=server.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        backends = json.loads(done.stdout)
        file = directory / "clients.json"
        told = {
            "mail": str(directory / "mail"),
            "provider": provider.base,
            "backends": backends,
            "manage": [sys.executable, str(ROOT / "manage.py")],
        }
        file.write_text(json.dumps(told))
        yield Site(server, backends, file)


@pytest.fixture(scope="session")
def node(site: Site, request: pytest.FixtureRequest) -> Iterator[NodeRun]:
    """The JavaScript tests under way. One selected alone runs its file alone."""
    run = NodeRun(_wanted(request, "node", files()), {"LINGAUTH_CLIENTS": str(site.file)})
    yield run
    run.stop()


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SDK as one file."""
    return bundled(tmp_path_factory.mktemp("sdk"))


@pytest.fixture(scope="session")
def sdk_app(site: Site, sdk: Path) -> Iterator[App]:
    """An app that is made with it, for people who are patient: two servers and several tabs share
    this machine with whatever else it does."""
    expect.set_options(timeout=20_000)
    with serving(sdk, site.backends) as app:
        yield app
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="session")
def sdk_in_node(site: Site, sdk: Path, request: pytest.FixtureRequest) -> Iterator[NodeRun]:
    """The same for the SDK's tests."""
    environment = {"LINGAUTH_CLIENTS": str(site.file), "LINGAUTH_SDK": str(sdk)}
    paths = _wanted(request, "sdk_in_node", files(LIVE))
    run = NodeRun(paths, site.server.environment | environment)
    yield run
    run.stop()


def _wanted(request: pytest.FixtureRequest, fixture: str, paths: list[Path]) -> list[Path]:
    """The files of the tests that were selected and need that run."""
    params = [
        item.callspec.params.get("file")
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and fixture in item.fixturenames
        and hasattr(item, "callspec")
    ]
    return [path for path in paths if path in params or path.name in params]


@pytest.fixture(scope="session", autouse=True)
def at_work(node: NodeRun) -> None:
    """Node begins with the first Python test, and has done much when its results are asked for."""


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """The clients take a second to import, in each process: not where none of this is wanted."""
    wanted: str = config.option.markexpr
    return True if wanted and ("not clients" in wanted or "clients" not in wanted) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Results are asked for last: node works while the Python tests run. And no sooner than that a
    browser is started, whose event loop would be in the way of theirs."""
    items.sort(key=_comes_last)


def _comes_last(item: pytest.Item) -> bool:
    in_a_browser = "browser" in getattr(item, "fixturenames", ())
    return in_a_browser or item.path.name in ("test_js.py", "test_sdk.py")
