"""The servers that tests start are real ones, and are gone afterwards."""

from __future__ import annotations

from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import StartServer
from tests.support.postgres import Postgres
from tests.support.servers import DidNotStart, LiveServer

pytestmark = pytest.mark.once


def children(server: LiveServer) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(server.pid).children()
    return found


def test_it_answers_from_as_many_processes_as_asked_for(start_server: StartServer) -> None:
    server = start_server(workers=3)
    assert httpx.get(server.url).status_code == 200
    assert len([child for child in children(server) if child.is_running()]) >= 3


def test_nothing_is_left_when_it_stops(start_server: StartServer) -> None:
    server = start_server()
    left = [psutil.Process(server.pid), *children(server)]
    server.stop()
    assert not any(process.is_running() for process in left)
    with pytest.raises(httpx.TransportError):
        httpx.get(server.url)


def test_it_serves_a_postgresql(start_server: StartServer, postgres: Postgres) -> None:
    server = start_server(postgres.create("served"))
    server.manage("create_backend", "acme", "--name", "Acme")
    health = httpx.get(f"{server.url}/b/acme/auth/v1/health")
    assert health.status_code == 200


def test_addresses_in_answers_are_its_own(start_server: StartServer) -> None:
    server = start_server()
    made = server.manage("create_backend", "acme", "--name", "Acme", "--json")
    assert f'"{server.url}/b/acme"' in made


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "broken", environment={"LINGAUTH_TRUSTED_PROXIES": "many"})
    with pytest.raises((DidNotStart, RuntimeError), match="LINGAUTH_TRUSTED_PROXIES is a whole"):
        server.__enter__()


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Unknown command: 'nonsense'"):
        LiveServer(tmp_path / "any").manage("nonsense")
