"""``make chaos``: faults while people use a real site, and whether every promise was kept."""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shlex
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from reliability.chaos import report
from reliability.chaos.faults import FAULTS, SQLITE_FAULTS
from reliability.chaos.judging import judge
from reliability.chaos.run import run
from reliability.chaos.site import Site
from reliability.results import record
from tests.deploy.nginx import ensure


def main() -> None:
    options = _options()
    random.seed(options.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # and stop the servers
    os.environ.setdefault("LINGAUTH_SECRET_KEY", secrets.token_urlsafe(48))
    if options.front == "nginx":
        ensure()
    begun = time.monotonic()
    known = SQLITE_FAULTS if options.sqlite else FAULTS
    names = [name for name in options.only or known if name in known]
    with tempfile.TemporaryDirectory(prefix="lingauth-chaos-") as directory:
        site = Site(
            Path(directory),
            front=options.front,
            seconds=options.seconds,
            machinery=not options.sqlite,
            sqlite=options.sqlite,
        )
        with site:
            faults = [known[name] for name in names]
            evidence = run(site, faults, people=options.people, seed=options.seed)
    if options.ledger:
        report.write_ledger(evidence, options.ledger)
    summary = report.summary(evidence, judge(evidence))
    summary |= {"seed": options.seed, "front": options.front}
    summary["command"] = shlex.join(["python", "-m", "reliability.chaos", *sys.argv[1:]])
    summary["seconds"] = round(time.monotonic() - begun)
    report.show(summary, Console())
    if not options.only:
        name = "chaos-sqlite" if options.sqlite else "chaos"
        print(f"Written to {record(name, summary)}")
    sys.exit(1 if summary["broken"] else 0)


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(prog="python -m reliability.chaos", description=__doc__)
    add = arguments.add_argument
    add(
        "--only",
        action="append",
        choices={**FAULTS, **SQLITE_FAULTS},
        help="this fault; may be given again",
    )
    add("--seconds", type=float, default=16, help="how long a fault lasts, about")
    add("--people", type=int, default=16)
    add("--seed", type=int, default=1, help="of what people choose to do")
    add("--sqlite", action="store_true", help="one node over an SQLite file; its own faults")
    add("--ledger", type=Path, help="a file to write every call to, a JSON object a line")
    add("--front", choices=("nginx", "direct"), default="nginx", help="what people talk to")
    return arguments.parse_args()


if __name__ == "__main__":
    main()
