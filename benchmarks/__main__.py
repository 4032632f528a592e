"""``make bench``: everybody on this machine, in one run. ``--help`` says what can be left out."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from benchmarks import sites
from benchmarks.database import Database
from benchmarks.rounds import Pace, WrongAnswer, measure
from benchmarks.sites import VAR, Site

OPERATIONS = (
    "gated read",
    "data API read",
    "aal1 refused",
    "anonymous read",
    "GET user",
    "refresh",
    "factor verify",
    "sign-in net",
    "sign-in",
)
GROUPS = {
    "product": sites.product,
    "simplejwt": sites.simplejwt,
    "allauth": sites.allauth,
    "better-auth": sites.better_auth,
    "sqlite": sites.embedded,
}
FULL = Pace(rounds=3, seconds=2.5, once=1500)
QUICK = Pace(rounds=2, seconds=0.7, once=300)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="under three minutes, and rougher")
    arguments.add_argument("--only", action="append", help="an operation (may be repeated)")
    arguments.add_argument("--without", action="append", default=[], choices=GROUPS)
    options = arguments.parse_args()
    pace = QUICK if options.quick else FULL
    VAR.mkdir(parents=True, exist_ok=True)
    database = Database()
    started: list[Site] = []
    results: dict[str, Any] = {"postgres": database.version, "operations": {}}
    begun = time.monotonic()
    try:
        for site in _sites(database, pace, set(options.without)):
            site.start()
            started.append(site)
        for site in started:
            site.server.wait()
        for operation in options.only or OPERATIONS:
            having = [site for site in started if operation in site.operations]
            figures = measure(operation, having, database, pace)
            results["operations"][operation] = figures
            _say(operation, figures)
    except WrongAnswer as error:
        sys.exit(f"A wrong answer, so there are no figures.\n{error}")
    finally:
        for site in started:
            site.server.stop()
        database.stop()
    results["minutes"] = (time.monotonic() - begun) / 60
    (VAR / "results.json").write_text(json.dumps(results, indent=1))
    print(f"\n{results['minutes']:.1f} min")


def _sites(database: Database, pace: Pace, without: set[str]) -> list[Site]:
    found = []
    for name, make in GROUPS.items():
        if name not in without:
            found += make(database, pace.pool)
    return found


def _say(operation: str, figures: dict[str, dict[str, Any]]) -> None:
    print(f"\n{operation}")
    for label, row in figures.items():
        print(
            f"  {label:<24}{row['per_cpu_second']:>8.0f} /CPU-s {row['per_second']:>7.0f} /s"
            f"  p50 {row['p50']:>6.1f}  p99 {row['p99']:>6.1f} ms"
            f"  server {row['server_ms']:.2f}  db {row['database_ms']:.2f} ms"
            f"  {row['statements']} st  {row['memory']:.0f} MiB  load {row['load_share']:.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
