"""What a worker's death means for the others."""

from __future__ import annotations

import os
import signal
import time

import httpx
import psutil
import pytest

from tests.conftest import StartServer


@pytest.mark.once
def test_the_end_of_one_worker_is_not_the_end_of_the_server(start_server: StartServer) -> None:
    server = start_server(workers=2)
    workers = psutil.Process(server.pid).children()
    [gone, *_] = workers
    os.kill(gone.pid, signal.SIGKILL)
    end = time.monotonic() + 30
    while len(_workers(server.pid) - {gone.pid}) < len(workers):
        assert time.monotonic() < end, server.output()
        assert httpx.get(server.url, timeout=30).status_code == 200
        time.sleep(0.5)


def _workers(pid: int) -> set[int]:
    return {child.pid for child in psutil.Process(pid).children()}
