"""The server's environment, and the memory that hashes took: given back, once they are over."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from project import memory, run

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.once

HASHES = """
import time
from argon2.low_level import Type, hash_secret_raw
from threading import Thread
from project import memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20

def some():
    for _ in range(3):
        hash_secret_raw(b"password", b"salt of it", 2, 19456, 1, 32, Type.ID)

before = resident()
assert memory.give_back(every=0.1)
threads = [Thread(target=some) for _ in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
time.sleep(1)
print(resident() - before)
"""


def test_the_server_is_started_in_an_environment_that_keeps_memory_low(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed: list[Any] = []

    def executed(*arguments: Any) -> None:
        handed.extend(arguments)

    monkeypatch.setattr("django.setup", lambda: None)
    monkeypatch.setattr("django.core.management.call_command", lambda *_, **__: None)
    monkeypatch.setattr(run, "_require_free", lambda *_: None)
    monkeypatch.setattr(run, "_ensure_secret_key", lambda: None)
    monkeypatch.setattr(sys, "argv", ["run"])
    monkeypatch.setattr(os, "execve", executed)
    # So that what it sets itself is taken back.
    monkeypatch.setattr(os, "environ", {"LINGAUTH_SITE_URL": "https://auth.example"})
    run.main()

    _, command, environment = handed
    assert command[-1] == "project.wsgi:application"
    assert environment["LINGAUTH_SITE_URL"] == "https://auth.example"
    assert environment["MALLOC_ARENA_MAX"] == "1"
    assert environment.items() >= memory.ENVIRONMENT.items()


def test_what_an_operator_set_stays() -> None:
    assert run.server_environment({"MALLOC_ARENA_MAX": "8"})["MALLOC_ARENA_MAX"] == "8"


def test_the_application_that_the_server_loads_gives_back() -> None:
    said = _python(
        "import threading, project.wsgi; print([one.name for one in threading.enumerate()])"
    )
    assert "give-back-memory" in said


def test_what_is_loaded_is_not_looked_through_again() -> None:
    said = _python("import gc, project.wsgi; print(gc.get_freeze_count(), gc.get_threshold()[0])")
    frozen, threshold = map(int, said.split())
    assert frozen > 50_000
    assert threshold == 10_000


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a matter of glibc's alone")
def test_memory_of_hashes_is_given_back() -> None:
    assert float(_python(HASHES)) < 10


def _python(program: str) -> str:
    """What a program says that begins in the server's environment."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=run.server_environment(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
