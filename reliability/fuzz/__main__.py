"""``make fuzz``: many made-up calls, in several processes, on SQLite and on PostgreSQL."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import Any

from rich.console import Console

from reliability import results
from reliability.fuzz.report import show
from reliability.fuzz.tally import Tally
from reliability.progress import Progress
from tests.support.postgres import Postgres


class WorkerFailed(RuntimeError):
    """A process of the run ended before its calls were made."""


def main() -> None:
    options = _options()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and stop the database
    begun = time.monotonic()
    whole = Tally()
    with ExitStack() as stack, Progress("fuzz", options.calls, "calls") as bar:
        bar.say(f"seed {seed}")
        places = stack.enter_context(_databases(options.on, options.workers))
        share, rest = divmod(options.calls, options.workers)
        workers = [
            _Worker(
                where=where,
                url=url,
                order={
                    "calls": share + (number < rest),
                    "seed": seed * 1000 + number,
                    "only": options.only,
                    "where": where,
                },
                bar=bar,
            )
            for number, (where, url) in enumerate(places)
        ]
        for worker in workers:
            whole.merge(worker.join())
    seconds = time.monotonic() - begun
    done = show(whole, Console(), seed)
    if options.only is None and options.seed is None:
        found = {"seed": seed, "seconds": round(seconds), "databases": [w for w, _ in places]}
        results.record("fuzz", {**found, **whole.to_json()})
    sys.exit(0 if done else 1)


class _Worker:
    """A process, and a thread that hears what it says."""

    def __init__(self, where: str, url: str, order: dict[str, Any], bar: Progress) -> None:
        self.where, self.bar = where, bar
        self.tally: Tally | None = None
        self._directory = tempfile.TemporaryDirectory(prefix="lingauth-fuzz-")
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "reliability.fuzz.settings",
            "LINGAUTH_TEST_DATABASE_URL": url,
            "LINGAUTH_FUZZ_DIRECTORY": self._directory.name,
            "PROMETHEUS_MULTIPROC_DIR": self._directory.name,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reliability.fuzz.worker"],
            cwd=results.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        json.dump(order, self._process.stdin)
        self._process.stdin.close()
        self._thread = Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "calls" in said:
                self.bar.step(said["calls"])
            else:
                self.tally = Tally.from_json(said["tally"])

    def join(self) -> Tally:
        """What its calls came to."""
        self._thread.join()
        code = self._process.wait()
        self._directory.cleanup()
        if self.tally is None:
            raise WorkerFailed(f"The process on {self.where} ended with {code}.")
        return self.tally


@contextmanager
def _databases(on: str, workers: int) -> Iterator[list[tuple[str, str]]]:
    """A database for each process: in turn SQLite in memory and PostgreSQL, or all of one kind."""
    kinds = {"both": ("sqlite", "postgres")}.get(on, (on,))
    wanted = [kinds[number % len(kinds)] for number in range(workers)]
    server = Postgres() if "postgres" in wanted else None
    try:
        yield [
            ("SQLite", "sqlite://:memory:")
            if server is None or kind == "sqlite"
            else ("PostgreSQL", server.create(f"fuzz{number}"))
            for number, kind in enumerate(wanted)
        ]
    finally:
        if server is not None:
            server.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reliability.fuzz", description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--on", choices=("both", "sqlite", "postgres"), default="both")
    parser.add_argument("--seed", type=int, help="the calls of an earlier run; nothing is recorded")
    parser.add_argument("--only", metavar="OPERATION", help="one operation, by its operationId")
    return parser.parse_args()


if __name__ == "__main__":
    main()
