"""The product as it is deployed: granian with several worker processes, reached over HTTP."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from project.run import server_command

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "live.sqlite3"


class DidNotStart(RuntimeError):
    """The server ended, or did not answer in time. The message has what it printed."""


class LiveServer:
    """Worker processes of ``project`` on a free loopback port, over the given database.

    Use it as a context manager: the database is migrated, the server answers when the block begins
    and is gone when it ends. ``environment`` adds ``LINGAUTH_*`` variables. It has the tests' own
    secret key, so that both read the same rows; but it has the product's hashers, so accounts that
    are to sign in there are best made there.
    """

    def __init__(
        self,
        directory: Path,
        database_url: str | None = None,
        *,
        workers: int = 2,
        prepared: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.workers = workers
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._migrated = False
        if prepared is not None:
            (directory / "static").symlink_to(prepared / "static", target_is_directory=True)
        if prepared is not None and database_url is None:
            shutil.copy(prepared / DATABASE, directory / DATABASE)
            self._migrated = True
        self.database_url = database_url or f"sqlite:///{directory / DATABASE}"
        self.log = directory / "server.log"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "LINGAUTH_VAR": str(directory),
            "LINGAUTH_SITE_URL": self.url,
            "DATABASE_URL": self.database_url,
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """A ``manage.py`` command in the server's own environment; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def __enter__(self) -> Self:
        if not self._migrated:
            self.manage("migrate", "--verbosity", "0")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                server_command("127.0.0.1", self.port, self.workers),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent if sys.platform == "linux" else None,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if error is not None:
            error.add_note(f"The server at {self.url} printed:\n{self.output()}")

    @property
    def pid(self) -> int:
        """The process whose children are the workers."""
        if self._process is None:
            raise DidNotStart("The server is not running.")
        return self._process.pid

    def stop(self) -> None:
        """End every process of the server; ask first."""
        if (process := self._process) is None:
            return
        self._process = None
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                continue

    def output(self) -> str:
        """The last of what the server printed."""
        return self.log.read_text(errors="replace")[-8000:] if self.log.exists() else ""

    def _wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                raise DidNotStart(f"The server ended:\n{self.output()}")
            try:
                if httpx.get(self.url, timeout=5).status_code < 400:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise DidNotStart(f"No answer in {seconds:.0f} seconds:\n{self.output()}")


def prepare(directory: Path) -> Path:
    """What servers share, made once for a run: collected static files and an empty database."""
    server = LiveServer(directory)
    server.manage("collectstatic", "--noinput", "--verbosity", "0")
    server.manage("migrate", "--verbosity", "0")
    return directory


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent() -> None:
    """Linux: the server is told to end when the tests do, even if those were killed."""
    death_signal = 1  # PR_SET_PDEATHSIG, linux/prctl.h
    ctypes.CDLL(None).prctl(death_signal, signal.SIGTERM)
