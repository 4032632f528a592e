"""``make run`` from an empty directory: it serves, and a second start keeps everything."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from project import run

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.once


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(var: Path, port: int) -> Iterator[str]:
    """The server as started by hand; what it printed before it answered."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("LINGAUTH_", "DJANGO_"))
    }
    printed = var.parent / f"{time.monotonic_ns()}.log"
    with printed.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "project.run", "--port", str(port)],
            cwd=ROOT,
            env=environment | {"LINGAUTH_VAR": str(var)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        for _ in range(600):
            assert process.poll() is None, printed.read_text()
            try:
                httpx.get(f"http://127.0.0.1:{port}/", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield printed.read_text()
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=15)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def test_it_serves_and_a_second_start_keeps_everything(tmp_path: Path, port: int) -> None:
    var = tmp_path / "var"
    with running(var, port) as first:
        [curl] = re.findall(r"curl -H 'apikey: (\S+)' \\\n +'(\S+)'", first)
        notes = httpx.get(curl[1], headers={"apikey": curl[0]})
        assert notes.status_code == 200
        assert {note["title"] for note in notes.json()} == {
            "Welcome",
            "Office hours",
            "On compilers",
        }
        page = httpx.get(f"http://127.0.0.1:{port}/").text
        [style] = re.findall(r'href="(/static/\S+\.css)"', page)
        assert httpx.get(f"http://127.0.0.1:{port}{style}").status_code == 200
    assert (var / "secret_key").stat().st_mode & 0o777 == 0o600
    secret = (var / "secret_key").read_text()

    with running(var, port) as second:
        assert httpx.get(curl[1], headers={"apikey": curl[0]}).json() == notes.json()
    assert (var / "secret_key").read_text() == secret
    assert "--reset" in second
    passwords = re.findall(r"@example\.com +(\S+)$", first, re.MULTILINE)
    assert len(passwords) == 3
    assert not any(password in second for password in passwords)


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        ended = subprocess.run(
            [sys.executable, "-m", "project.run", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"LINGAUTH_VAR": str(tmp_path / "var")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be had" in ended.stderr
    assert not (tmp_path / "var").exists()


def test_a_start_begins_counting_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    (tmp_path / "counter_123.db").touch()
    (tmp_path / "not ours").touch()
    run._begin_counting_anew()
    assert [file.name for file in tmp_path.iterdir()] == ["not ours"]
