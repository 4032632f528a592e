"""``make mutation``: the mutants of the promises' rooms, and which of them no test notices."""

from __future__ import annotations

import os
import pickle
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TextIO

import pytest

from reliability.mutation import plan, standing, survivors
from reliability.mutation.alive import Alive
from reliability.mutation.fresh import Fresh
from reliability.mutation.hunt import Verdict
from reliability.mutation.journal import Journal
from reliability.mutation.mutants import Mutant, files, of_file
from reliability.mutation.plan import Plan
from reliability.mutation.suite import ARGUMENTS, LEARNED, Suite
from reliability.progress import Progress

_Found = tuple[list[Verdict], list[str]]
"""Verdicts, and the tests that pass."""

_POSTGRESQL = ["--postgres", "-m", "not races and not browser and not clients and not once"]


def main() -> None:
    asked = plan.from_command_line()
    mutants = _mutants(asked)
    journal = Journal(asked.folder / "mutation.journal", asked)
    if asked.afresh and not journal.goes_on:
        for learned in asked.folder.glob(f"{LEARNED}*.json"):
            learned.unlink()
    verdicts = journal.verdicts(mutants)
    done = {verdict.mutant for verdict in verdicts}
    with os.fdopen(os.dup(2), "w", buffering=1) as out:
        if done:
            print(f"mutation: goes on, {len(done):,} of {len(mutants):,} are known", file=out)
        left = [mutant for mutant in mutants if mutant not in done]
        verdicts += _run(left, asked, journal, out)
    survivors.tell(verdicts, journal.seconds / 60, asked.folder, show=asked.show)
    if asked.whole:
        standing.update(verdicts)
    journal.close()


def _mutants(asked: Plan) -> list[Mutant]:
    found = [mutant for path in files(asked.only) for mutant in of_file(path)]
    if asked.bodies:
        found = [mutant for mutant in found if mutant.function]
    if asked.again:
        keys = survivors.last(asked.folder)
        found = [mutant for mutant in found if mutant.key in keys]
    if asked.sample and asked.sample < len(found):
        found = random.Random(asked.seed).sample(found, asked.sample)
    return found


def _run(mutants: Sequence[Mutant], asked: Plan, journal: Journal, out: TextIO) -> list[Verdict]:
    """Those of function bodies in a fork, so that this process stays without the product: the
    others need one that has not imported it."""
    bodies = [mutant for mutant in mutants if mutant.function]
    there = [mutant for mutant in bodies if mutant.path in plan.ON_POSTGRESQL]
    here = [mutant for mutant in bodies if mutant.path not in plan.ON_POSTGRESQL]
    at_import = [mutant for mutant in mutants if not mutant.function]
    verdicts: list[Verdict] = []
    if here or at_import:
        found, tests = _in_a_fork(partial(_session, here, asked, journal, out, []))
        verdicts += found
    if there:
        if asked.tests == plan.TESTS:
            asked = replace(asked, tests=plan.TESTS_ON_POSTGRESQL)
        verdicts += _in_a_fork(partial(_session, there, asked, journal, out, _POSTGRESQL))[0]
    if at_import:
        with _bar("at import", at_import, verdicts, journal, out) as tell:
            Fresh(asked).hunt(at_import, tests, tell)
    return verdicts


def _in_a_fork(session: Callable[[], _Found | None]) -> _Found:
    with tempfile.TemporaryFile() as file:
        if (pid := os.fork()) == 0:
            file.write(pickle.dumps(session()))
            file.flush()
            os._exit(0)
        os.waitpid(pid, 0)
        file.seek(0)
        written = file.read()
    found: _Found | None = pickle.loads(written) if written else None
    if found is None:
        sys.exit("The tests could not be run.")
    return found


def _session(
    mutants: Sequence[Mutant], asked: Plan, journal: Journal, out: TextIO, more: Sequence[str]
) -> _Found | None:
    """One session of pytest, with ``more`` arguments."""
    found: _Found | None = None

    def then(suite: Suite) -> None:
        nonlocal found
        alive = Alive(suite, asked, out, "-".join([LEARNED, *more[:1]]).replace("---", "-"))
        verdicts: list[Verdict] = []
        if mutants:
            with _bar("bodies", mutants, verdicts, journal, out) as tell:
                alive.hunt(mutants, tell)
        found = verdicts, alive.good

    pytest.main([*ARGUMENTS, *more, *asked.tests], plugins=[Suite(then)])
    return found


@contextmanager
def _bar(
    what: str,
    mutants: Sequence[Mutant],
    verdicts: list[Verdict],
    journal: Journal,
    out: TextIO,
) -> Iterator[Callable[[Verdict], None]]:
    """What takes a verdict down and says how far it is."""
    alive = 0
    with Progress(what, len(mutants), "mutants", out) as bar:

        def tell(verdict: Verdict) -> None:
            nonlocal alive
            verdicts.append(verdict)
            journal.write(verdict)
            alive += verdict.how != "same" and not verdict.killed
            bar.step()
            bar.say(f"{alive:,} alive")

        yield tell


if __name__ == "__main__":
    main()
