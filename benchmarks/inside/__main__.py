"""One operation, called in one thread of one process: ``python -m benchmarks.inside "gated read"``.

There is no app server, no socket and no other thread: what is printed is the CPU time of the thread
that runs the WSGI application. With ``--profile`` comes what cProfile saw of as many requests more;
its times are by the clock, so that waiting for the database shows as psycopg's ``wait``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from benchmarks.database import Database
from benchmarks.environments import VAR
from benchmarks.processes import ROOT, cpu_seconds
from benchmarks.sites import FIRST, FREE, LIMIT, READS, environment_of, seed

APPLICATIONS = {
    "lingauth": ("project.wsgi", "benchmarks.site.settings"),
    "bare": ("benchmarks.limit.bare", "benchmarks.site.settings"),
    "drf": ("project.wsgi", "benchmarks.limit.settings"),
}
OPERATIONS = (*FIRST, *READS, "refresh", "factor verify", "sign-in net", "sign-in")
WARM, COUNTED = 200, 20


def main() -> None:
    options = _options()
    database = Database()
    try:
        environment = environment_of(database.create("lingauth"))
        plans = VAR / "inside.json"
        pool = WARM + COUNTED + 2 * options.requests
        seed(environment, plans, pool if "factor verify" in options.operations else 1)
        for who in options.of or ["lingauth"]:
            for operation in options.operations:
                if who == "lingauth" or operation in (*LIMIT, "sign-in net"):
                    _one(database, environment, str(plans), who, operation, options)
    finally:
        database.stop()


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.inside", description=__doc__)
    arguments.add_argument("operations", nargs="+", choices=OPERATIONS, metavar="operation")
    arguments.add_argument("--of", action="append", choices=APPLICATIONS, help="may be repeated")
    arguments.add_argument("--requests", type=int, default=1000)
    arguments.add_argument("--profile", action="store_true", help="by own time and cumulative")
    arguments.add_argument("--top", type=int, default=35, help="lines of the profile")
    return arguments.parse_args()


def _one(
    database: Database,
    environment: Mapping[str, str],
    plans: str,
    who: str,
    operation: str,
    options: argparse.Namespace,
) -> None:
    """One participant on a copy of the database of its own, so that each code is fresh."""
    application, settings = APPLICATIONS[who]
    name = f"{who} {operation}".replace(" ", "_").replace("-", "_").lower()
    own = {
        **environment,
        "DATABASE_URL": database.create(name, like="lingauth"),
        "DJANGO_SETTINGS_MODULE": settings,
    }
    if operation == "sign-in net":
        own["BENCH_FREE_HASH"] = "1"
        database.run(name, FREE)
    database.run(name, "VACUUM ANALYZE")
    caller = Caller(own, application, plans, operation)
    try:
        caller.play(WARM)
        with database.counting(name) as seen:
            caller.play(COUNTED)
        before = cpu_seconds(database.pid)
        found = caller.play(options.requests)
        spent = 1e6 * (cpu_seconds(database.pid) - before) / found["requests"]
        print(
            f"{who:<9} {operation:<14} {found['median']:>6.0f} µs (median; fastest tenth "
            f"{found['fast']:.0f}, mean {found['mean']:.0f}, all threads {found['process']:.0f}), "
            f"database {spent:.0f} µs, {len(seen) / COUNTED:g} statements, "
            f"{found['requests']} requests",
            flush=True,
        )
        if options.profile:
            print(caller.play(options.requests, options.top)["profile"])
    finally:
        caller.stop()


class Caller:
    """The process that has the application in it."""

    def __init__(
        self, environment: Mapping[str, str], application: str, plans: str, operation: str
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.inside.caller", application, plans, operation],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def play(self, requests: int, top: int = 0) -> dict[str, Any]:
        """That many requests; with ``top`` the profile of them instead of their times."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"requests": requests, "top": top}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or "null")
        if not answer:
            sys.exit("The application failed; what it said stands above.")
        return answer

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


if __name__ == "__main__":
    main()
