"""The same as a server of two worker processes has it."""

from __future__ import annotations

import json
import os
import re

import httpx
import psutil
import pytest

from tests.conftest import StartServer
from tests.project.operations.conftest import TOKEN

pytestmark = pytest.mark.once


def test_any_worker_tells_what_all_of_them_counted(start_server: StartServer) -> None:
    given = {"LINGAUTH_METRICS": "/metrics", "LINGAUTH_METRICS_TOKEN": TOKEN}
    server = start_server(workers=2, environment=given)
    counted = server.directory / "metrics"
    name = 'lingauth_request_seconds_count{method="GET",route="none",status="4xx"}'

    def read() -> float:
        answer = httpx.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        found = re.search(re.escape(name) + r" (\S+)", answer.text)
        return float(found[1]) if found else 0.0

    asked, before = 0, read()
    while len(list(counted.glob("histogram_*.db"))) < 2:
        assert asked < 400
        httpx.get(f"{server.url}/nothing")  # each on a connection of its own, to any worker
        asked += 1
    assert {read() for _ in range(8)} == {before + asked}
    assert httpx.get(f"{server.url}/metrics").status_code == 401
    workers = {child.pid for child in psutil.Process(server.pid).children(recursive=True)}
    files = {int(file.stem.rpartition("_")[2]) for file in counted.glob("*.db")}
    assert files <= workers | {server.pid}
    assert os.stat(counted).st_mode & 0o077 == 0


def test_the_whole_log_is_json_where_it_is_asked_for(start_server: StartServer) -> None:
    given = {"LINGAUTH_LOG_FORMAT": "json", "LINGAUTH_ACCESS_LOG": "1"}
    server = start_server(workers=1, environment=given)
    answer = httpx.get(f"{server.url}/b/nobody/auth/v1/health?token=canary")
    written = server.log.read_text().splitlines()
    # What the app server says of itself, at its start and its end, it says in its own way.
    lines = [json.loads(line) for line in written if not line.startswith("[")]
    [line] = [line for line in lines if line.get("request_id") == answer.headers["X-Request-Id"]]
    assert (line["route"], line["backend"]) == ("lingauth_api:health", "nobody")
    assert "canary" not in server.log.read_text()


def test_probes_are_answered(start_server: StartServer) -> None:
    server = start_server(workers=1)
    assert httpx.get(f"{server.url}/healthz").json() == {"status": "alive"}
    ready = httpx.get(f"{server.url}/readyz", headers={"Host": "10.1.2.3"})
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
