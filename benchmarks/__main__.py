"""``make bench``: everybody on this machine, in one run; figures go to ``docs/performance.md``."""

from __future__ import annotations

import argparse
import atexit
import fcntl
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from benchmarks import growth, report, sites, storm
from benchmarks.database import Database
from benchmarks.environments import VAR
from benchmarks.rounds import Pace, WrongAnswer, measure
from benchmarks.sites import Site

OPERATIONS = (
    "gated read",
    "first read",
    "data API read",
    "aal1 refused",
    "anonymous read",
    "GET user",
    "refresh",
    "factor verify",
    "sign-in net",
    "sign-in",
)
PARTS = ("storm", "growth")
GROUPS = {
    "product": sites.product,
    "simplejwt": sites.simplejwt,
    "allauth": sites.allauth,
    "better-auth": sites.better_auth,
    "sqlite": sites.embedded,
}
FULL = Pace(rounds=5, seconds=1.2, once=700)
QUICK = Pace(rounds=3, seconds=0.5, once=200)


def main() -> None:
    options = _options()
    pace = QUICK if options.quick else FULL
    parts = _parts(options)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and stop the servers
    _alone()
    begun = time.monotonic()
    database = Database()
    results: dict[str, Any] = {"machine": report.machine(database.version), "operations": {}}
    try:
        found: list[Site] = []
        for name, make in GROUPS.items():
            if name not in options.without and options.only != ["growth"]:
                found += make(database, pace.pool)
        with _started(found):
            for operation in options.only or OPERATIONS:
                if operation in PARTS:
                    continue
                figures = measure(operation, found, database, pace)
                results["operations"][operation] = figures
                _say(operation, figures)
            if "storm" in parts:
                results["storm"] = _storm(found[0], pace)
        if "growth" in parts:
            results["growth"] = growth.run(database, pace, options.million, _started, _say)
    except WrongAnswer as error:
        sys.exit(f"A wrong answer, so there are no figures.\n{error}")
    finally:
        database.stop()
    results["minutes"] = (time.monotonic() - begun) / 60
    whole = not options.only and not options.without
    (VAR / ("results.json" if whole else "part.json")).write_text(json.dumps(results, indent=1))
    print(f"\n{results['minutes']:.1f} min")
    if whole:
        report.write(results)
        print(f"Written to {report.PAGE.name} and {report.README.name}, with their pictures")


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="five minutes, and rougher")
    arguments.add_argument("--only", action="append", choices=[*OPERATIONS, *PARTS])
    arguments.add_argument("--without", action="append", default=[], choices=[*GROUPS, *PARTS])
    arguments.add_argument("--million", action="store_true", help="growth up to 1,000,000 accounts")
    return arguments.parse_args()


def _parts(options: argparse.Namespace) -> set[str]:
    """What is measured besides operations. A quick run does not grow."""
    if options.only:
        return set(PARTS) & {*options.only}
    left_out = {*options.without} | ({"growth"} if options.quick and not options.million else set())
    return set(PARTS) - left_out - ({"storm"} if "product" in left_out else set())


def _storm(site: Site, pace: Pace) -> dict[str, Any]:
    """Gated reads beside sign-ins, at ``site`` and at workers for sign-ins alone."""
    apart = replace(site, key="lingauth_signs")
    with _started([apart]):
        found = storm.measure(site, apart, 3 * pace.seconds)
    print("\ngated reads beside a storm of sign-ins")
    for name, row in found.items():
        print(f"  {name:<28}{row['per_second']:>7.0f} /s  p99 {row['p99']:>6.1f} ms", flush=True)
    return found


def _alone() -> None:
    """Hold ``var/bench`` for this run: another one beside it would spoil both."""
    VAR.mkdir(parents=True, exist_ok=True)
    lock = (VAR / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit("Another run is measuring already.")
    atexit.register(lock.close)


@contextmanager
def _started(found: Sequence[Site]) -> Iterator[None]:
    """All of them running, and gone afterwards."""
    running: list[Site] = []
    try:
        for site in found:
            site.start()
            running.append(site)
        for site in running:
            site.server.wait()
        yield
    finally:
        for site in running:
            site.server.stop()


def _say(operation: str, figures: dict[str, dict[str, Any]]) -> None:
    print(f"\n{operation}")
    for label, row in figures.items():
        p99 = "–" if row["p99"] is None else f"{row['p99']:.1f}"
        print(
            f"  {label:<24}{row['per_cpu_second']:>8.0f} /CPU-s {row['per_second']:>7.0f} /s"
            f"  p50 {row['p50']:>6.1f}  p99 {p99:>6} ms"
            f"  server {row['server_ms']:.2f}  db {row['database_ms']:.2f} ms"
            f"  {row['statements']} st  {row['memory']:.0f} MiB  load {row['load_share']:.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
