"""``make mutation``: the mutants of the promises' rooms, and which of them no test notices."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence

import pytest

from reliability.mutation import survivors
from reliability.mutation.hunt import Hunt, Verdict
from reliability.mutation.learned import Learned
from reliability.mutation.mutants import Mutant, files, of_file
from reliability.mutation.suite import Suite
from reliability.mutation.swap import Functions
from reliability.progress import Progress

ROOMS = [
    "lingauth/core",
    "lingauth/tokens.py",
    "lingauth/api/authentication.py",
    "lingauth/api/permissions.py",
    "lingauth/services",
]
TESTS = ["tests/lingauth", "tests/invariants", "tests/project", "tests/console"]
PLAIN = "not races and not browser and not clients"


def main() -> None:
    options = _options()
    mutants = [m for path in files(options.only or ROOMS) for m in of_file(path) if m.function]
    if options.again:
        keys = survivors.last()
        mutants = [mutant for mutant in mutants if mutant.key in keys]
    if options.sample and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)
    out = open(os.dup(2), "w", buffering=1)
    verdicts: list[Verdict] = []
    begun = time.monotonic()

    def then(suite: Suite) -> None:
        verdicts.extend(_hunt(suite, mutants, options, out))

    ended = pytest.main(
        [
            *("-p", "no:xdist", "-p", "no:cacheprovider", "-s", "-m", PLAIN),
            *("--ds", "reliability.mutation.settings"),
            *(options.tests or TESTS),
        ],
        plugins=[Suite(then)],
    )
    if ended not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        sys.exit(f"The tests could not be collected: {ended!r}")
    survivors.tell(verdicts, (time.monotonic() - begun) / 60, options)


def _hunt(suite: Suite, mutants: Sequence[Mutant], options: argparse.Namespace, out) -> list[Verdict]:
    learned = Learned(["lingauth"])
    suite.make_database()
    functions = Functions("lingauth")
    unknown = [test for test in suite.tests if not learned.fresh(test)]
    if unknown:
        room = ""

        def run(test: str) -> bool:
            nonlocal room
            if test.partition("::")[0] != room:
                functions.forget()
            room = test.partition("::")[0]
            return suite.passes(test)

        with Progress("learning", len(unknown), "tests", out) as bar:
            learned.learn(unknown, run, bar.step)
    failing = [test for test in suite.tests if not learned.known[test].passed]
    if failing:
        print(f"{len(failing)} tests fail without a mutant and are left out:", file=out)
        print(*failing, sep="\n", file=out)
    hunt = Hunt(suite, learned, functions, options.budget, options.jobs)
    verdicts: list[Verdict] = []
    count: Counter[bool] = Counter()
    with Progress("mutants", len(mutants), "mutants", out) as bar:

        def tell(verdict: Verdict) -> None:
            verdicts.append(verdict)
            if verdict.how != "same":
                count[verdict.killed] += 1
            bar.step()
            bar.say(f"{count[False]} alive")

        hunt.run(mutants, tell)
    for test in sorted(hunt.distrusted):
        print(f"fails alone: {test}", file=out)
    return verdicts


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(prog="python -m reliability.mutation", description=__doc__)
    arguments.add_argument("--only", action="append", metavar="PATH", help="a file or folder")
    arguments.add_argument(
        "--tests", action="append", metavar="PATH", help="meet these tests alone"
    )
    arguments.add_argument("--again", action="store_true", help="only those that survived last time")
    arguments.add_argument("--sample", type=int, metavar="N", help="so many, by chance")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments.add_argument(
        "--budget", type=float, default=8.0, metavar="SECONDS", help="of tests for one mutant"
    )
    arguments.add_argument("--show", action="store_true", help="the survivors as changes")
    return arguments.parse_args()


if __name__ == "__main__":
    main()
