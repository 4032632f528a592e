"""Does the time of an answer tell who has an account? Measured on a live server, over HTTP.

``make bench-oracle``: five kinds of people ask the same, in random order, many times over: somebody
with an account, nobody, somebody banned, unconfirmed, without a password. Per endpoint and kind the
median, the median distance from the answer to nobody of the same round, and how sure two tests are
that there is a distance at all: Mann-Whitney over all answers, Wilcoxon round by round.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks.oracle.ranks import histogram, mann_whitney, signed_ranks
from tests.support.postgres import Postgres
from tests.support.servers import LiveServer, prepare

GAP = 5.0
"""Milliseconds between medians that are no finding (security requirement AU-10)."""
P = 0.01
WARM_UP = 4
"""Rounds before the first that counts."""
KINDS = ("known", "unknown", "banned", "unconfirmed", "social-only")
CALLS: dict[str, dict[str, Any]] = {
    "signup": {"password": "some other password"},
    "token?grant_type=password": {"password": "not the one of anybody"},
    "recover": {},
    "otp": {},
    "resend": {"type": "signup"},
    "verify": {"type": "email", "token": "000000"},
}
START, END = "<!-- measured -->", "<!-- /measured -->"
Samples = dict[str, dict[str, list[float]]]


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.oracle", description=__doc__)
    arguments.add_argument("--samples", type=int, default=500, help="per endpoint and kind")
    arguments.add_argument("--write", type=Path, help="a page to put the result into")
    options = arguments.parse_args()
    os.environ["LINGAUTH_SECRET_KEY"] = secrets.token_urlsafe(48)
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.oracle.settings"
    database = Postgres()
    try:
        _flush_commits(database)
        directory = Path(tempfile.mkdtemp(prefix="lingauth-oracle-"))
        ready = prepare(directory / "prepared")
        os.environ["DATABASE_URL"] = address = database.create("oracle")
        environment = {"DJANGO_SETTINGS_MODULE": "benchmarks.oracle.settings"}
        with LiveServer(
            directory / "server", address, prepared=ready, environment=environment
        ) as server:
            text = report(measure(server, options.samples))
    finally:
        database.stop()
    print(text)
    if options.write is not None:
        page = options.write.read_text()
        head, rest = page.split(START)
        options.write.write_text(f"{head}{START}\n\n{text}\n{END}{rest.partition(END)[2]}")


def _flush_commits(database: Postgres) -> None:
    """As in production: whether a request commits must not show either."""
    with psycopg.connect(database.url(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = on")
        connection.execute("SELECT pg_reload_conf()")


def measure(server: LiveServer, samples: int) -> Samples:
    """Milliseconds of each answer, by endpoint and kind. Interrupted, what there is by then."""
    import django

    django.setup()
    from benchmarks.oracle import people as made

    anon_key, people = made.prepare()
    taken: Samples = {path: {kind: [] for kind in KINDS} for path in CALLS}
    with (
        httpx.Client(
            base_url=f"{server.url}/b/oracle/auth/v1/", headers={"apikey": anon_key}, timeout=60
        ) as http,
        suppress(KeyboardInterrupt),
    ):
        for number in range(-WARM_UP, samples):
            if number % 4 == 0:
                made.reset()
            for path, kind in _shuffled():
                answer, elapsed = _timed(http, path, people.get(kind) or _nobody())
                if answer.status_code not in (200, 400, 403):
                    raise RuntimeError(f"{path} for {kind}: {answer.status_code} {answer.text}")
                if number >= 0:
                    taken[path][kind].append(elapsed)
            if number % 25 == 0:
                print(f"{number} of {samples}", file=sys.stderr)
    return taken


def _shuffled() -> Iterator[tuple[str, str]]:
    for path in CALLS:
        for kind in random.sample(KINDS, len(KINDS)):
            yield path, kind


def _nobody() -> str:
    """An address that nobody has ever named, as long as the others."""
    return f"{secrets.token_hex(8)}@example.com"


def _timed(http: httpx.Client, path: str, email: str) -> tuple[httpx.Response, float]:
    body = {"email": email, **CALLS[path]}
    before = time.perf_counter()
    answer = http.post(path, json=body)
    return answer, (time.perf_counter() - before) * 1000


def report(taken: Samples) -> str:
    """The tables and pictures, in Markdown."""
    samples = min(len(values) for kinds in taken.values() for values in kinds.values())
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    lines = [
        f"{datetime.now(UTC):%d %B %Y}, {machine}, PostgreSQL with flushed commits, two workers, "
        f"mail in the background; {samples} samples of each kind, in random order.",
        "",
        "| endpoint | who | median ms | gap ms | Mann-Whitney p | Wilcoxon p | |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for path, kinds in taken.items():
        nobody = kinds["unknown"]
        for kind in KINDS:
            row = f"| `{path}` | {kind} | {statistics.median(kinds[kind]):.2f} |"
            if kind == "unknown":
                lines.append(f"{row} | | | |")
                continue
            gaps = [one - other for one, other in zip(kinds[kind], nobody, strict=False)]
            gap, p = statistics.median(gaps), mann_whitney(kinds[kind], nobody)
            sure = min(p, q := signed_ranks(gaps)) < P
            verdict = "differs" if sure and abs(gap) >= GAP else ""
            lines.append(f"{row} {gap:+.2f} | {p:.3f} | {q:.3f} | {verdict} |")
    lines += ["", "```text"]
    for path, kinds in taken.items():
        pooled = sorted(value for values in kinds.values() for value in values)
        low, high = pooled[0], pooled[int(len(pooled) * 0.98)]
        lines.append(f"{path}  ({low:.1f} to {high:.1f} ms)")
        lines += [f"  {kind:<12}{histogram(kinds[kind], low, high)}" for kind in KINDS]
    return "\n".join([*lines, "```", ""])


if __name__ == "__main__":
    main()
