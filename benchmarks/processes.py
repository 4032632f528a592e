"""Servers as processes: started, waited for, weighed by the CPU time they used, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent


class DidNotStart(RuntimeError):
    """The server ended, or did not answer in time. The message has what it printed."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and everything below it, that of children that ended included.

    Of those that run it is read from their clocks, to the nanosecond: what ``/proc`` says is
    counted in hundredths of a second for each process, too coarse for a round of one second.
    """
    total = 0.0
    for process in _tree(pid):
        with suppress(psutil.NoSuchProcess, OSError):
            total += sum(process.cpu_times()[2:4]) + time.clock_gettime(_clock_of(process.pid))
    return total


def _clock_of(pid: int) -> int:
    """What ``clock_getcpuclockid(3)`` answers on Linux: threads that ended are in it too."""
    return (~pid << 3) | 2


def _tree(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


class Server:
    """One server on a free loopback port. ``command`` is given the port."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        port: int,
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        self.name, self.port, self._log = name, port, log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def wait(self, seconds: float = 60) -> None:
        """Return when it takes connections. Raises DidNotStart."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.1)
        raise DidNotStart(f"{self.name} did not start:\n{self._log.read_text()[-3000:]}")

    def memory(self, workers: int) -> float:
        """Resident MiB of a worker: the largest processes below the first, on average."""
        below = []
        for process in _tree(self.pid):
            with suppress(psutil.NoSuchProcess):
                below.append(process.memory_info().rss / 2**20)
        largest = sorted(below, reverse=True)[:workers]
        return float(sum(largest) / max(1, len(largest)))

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
