"""Alternating rounds: every participant in turn, again and again, each weighed by CPU time."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from benchmarks.database import Database
from benchmarks.processes import ROOT, cpu_seconds
from benchmarks.sites import Site

CONNECTIONS = 8
Item = TypeVar("Item")


class WrongAnswer(RuntimeError):
    """A participant answered something else than it should: there are no figures then."""


@dataclass(slots=True)
class Round:
    """One participant's turn. CPU in seconds, times of requests in microseconds."""

    requests: int
    seconds: float
    server: float
    database: float
    load: float
    times: list[int] = field(repr=False)


class Generator:
    """The load generator's process for one site and one operation."""

    def __init__(self, site: Site, operation: str, connections: int = CONNECTIONS) -> None:
        self.site = site
        self.operation = operation
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(
            {
                "plan": str(site.plans),
                "operation": operation,
                "port": site.server.port,
                "connections": connections,
            }
        )

    def play(self, seconds: float, limit: int | None = None) -> dict[str, Any]:
        """One round. Raises WrongAnswer."""
        self._say({"seconds": seconds, "limit": limit})
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"error": "died"}')
        if "error" in answer:
            raise WrongAnswer(f"{self.site.label}, {self.operation}: {answer['error']}")
        return answer

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def _say(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()


@dataclass(frozen=True, slots=True)
class Pace:
    """How long it all takes: rounds for each participant, seconds and requests of each at most."""

    rounds: int
    seconds: float
    once: int
    """Requests of one round of an operation that uses each account a single time."""

    def seconds_of(self, operation: str) -> float:
        """Longer for what takes long, so that there are enough requests for a p99."""
        return 2.5 * self.seconds if operation == "sign-in" else self.seconds

    @property
    def pool(self) -> int:
        """Accounts to seed for such an operation: warming, counting and all rounds."""
        return WARM + COUNTED + self.once * self.rounds + 10


ONCE = ("factor verify",)
WARM = 200
LONG_WARM = 1000
"""Requests before anything is counted: connections, prepared statements, compiled code."""
WARM_SECONDS = 1.5
"""That long at most."""
COUNTED = 20
ENOUGH = 500
"""Requests from which a p99 is told: five were slower."""
SETTLED = 32.0
"""Seconds after hashing, until a worker has given back what it gives back (``project.memory``)."""


def measure(
    operation: str, everybody: Sequence[Site], database: Database, pace: Pace
) -> dict[str, dict[str, Any]]:
    """The figures of those who have the operation, by label."""
    sites = [site for site in everybody if operation in site.operations]
    generators = [Generator(site, operation) for site in sites]
    try:
        statements = {}
        for generator in generators:
            generator.play(WARM_SECONDS, WARM if operation in ONCE else LONG_WARM)
            statements[generator.site.label] = _count(generator, database)
        rounds: dict[str, list[Round]] = {site.label: [] for site in sites}
        for number in range(pace.rounds):
            for generator in in_turn(generators, number):
                rounds[generator.site.label].append(_round(generator, database, pace))
    finally:
        for generator in generators:
            generator.stop()
    busy = {site.label: site.server.memory(site.workers) for site in sites}
    if operation == "sign-in":
        time.sleep(SETTLED)
    return {
        site.label: _figures(rounds[site.label])
        | {
            "statements": statements[site.label],
            "memory": site.server.memory(site.workers),
            "memory_busy": busy[site.label],
        }
        for site in sites
    }


def in_turn(everybody: Sequence[Item], number: int) -> Sequence[Item]:
    """Who is when in that round: once in an order and once the other way about, then from the next
    one on. Nobody always begins, and nobody always comes after the same one."""
    shift = number // 2 % len(everybody)
    turned = [*everybody[shift:], *everybody[:shift]]
    return turned[::-1] if number % 2 else turned


def _round(generator: Generator, database: Database, pace: Pace) -> Round:
    server, site = generator.site.server, generator.site
    before = cpu_seconds(server.pid), cpu_seconds(database.pid)
    limit = pace.once if generator.operation in ONCE else None
    answer = generator.play(pace.seconds_of(generator.operation), limit)
    after = cpu_seconds(server.pid), cpu_seconds(database.pid)
    return Round(
        requests=answer["requests"],
        seconds=answer["seconds"],
        server=after[0] - before[0],
        database=after[1] - before[1] if site.database else 0.0,
        load=answer["cpu"],
        times=answer["times"],
    )


def _count(generator: Generator, database: Database) -> float | None:
    """Statements of one request, from PostgreSQL's log."""
    if generator.site.database is None:
        return None
    with database.counting(generator.site.database) as seen:
        done: int = generator.play(10, COUNTED)["requests"]
    return round(len(seen) / done, 1)


def _figures(rounds: Sequence[Round]) -> dict[str, Any]:
    """Medians of the rounds; times of all of them together."""
    times = sorted(time for one in rounds for time in one.times)
    each = [one.requests / max(one.server + one.database, 1e-9) for one in rounds]
    return {
        "per_cpu_second": statistics.median(each),
        "rounds": each,
        "per_second": statistics.median(one.requests / one.seconds for one in rounds),
        "cpu_ms": 1000 / statistics.median(each),
        "p50": times[len(times) // 2] / 1000,
        "p99": times[len(times) * 99 // 100] / 1000 if len(times) >= ENOUGH else None,
        "server_ms": statistics.median(1000 * one.server / one.requests for one in rounds),
        "database_ms": statistics.median(1000 * one.database / one.requests for one in rounds),
        "load_share": sum(one.load for one in rounds)
        / sum(one.load + one.server + one.database for one in rounds),
        "requests": sum(one.requests for one in rounds),
    }
