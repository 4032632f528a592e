"""``make mutation``: the mutants of the promises' rooms, and which of them no test notices."""

from __future__ import annotations

import os
import pickle
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from reliability.mutation import plan, survivors
from reliability.mutation.alive import Alive
from reliability.mutation.fresh import Fresh
from reliability.mutation.hunt import Verdict
from reliability.mutation.mutants import Mutant, files, of_file
from reliability.mutation.plan import Plan
from reliability.mutation.suite import ARGUMENTS, Suite
from reliability.progress import Progress


def main() -> None:
    asked = plan.from_command_line()
    mutants = _mutants(asked)
    begun = time.monotonic()
    with os.fdopen(os.dup(2), "w", buffering=1) as out:
        verdicts = _run(mutants, asked, out)
    survivors.tell(verdicts, (time.monotonic() - begun) / 60, asked.folder, show=asked.show)


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


def _run(mutants: Sequence[Mutant], asked: Plan, out: TextIO) -> list[Verdict]:
    """Those of function bodies in a fork, so that this process stays without the product: the
    others need one that has not imported it."""
    bodies = [mutant for mutant in mutants if mutant.function]
    at_import = [mutant for mutant in mutants if not mutant.function]
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder, "found")
        if (pid := os.fork()) == 0:
            _in_one_session(bodies, asked, out, found)
            os._exit(0)
        os.waitpid(pid, 0)
        if not found.exists():
            sys.exit("The tests could not be run.")
        verdicts: list[Verdict]
        tests: list[str]
        verdicts, tests = pickle.loads(found.read_bytes())
    if at_import:
        with _bar("at import", at_import, verdicts, out) as tell:
            Fresh(asked).hunt(at_import, tests, tell)
    return verdicts


def _in_one_session(mutants: Sequence[Mutant], asked: Plan, out: TextIO, found: Path) -> None:
    def then(suite: Suite) -> None:
        alive = Alive(suite, asked, out)
        verdicts: list[Verdict] = []
        if mutants:
            with _bar("bodies", mutants, verdicts, out) as tell:
                alive.hunt(mutants, tell)
        found.write_bytes(pickle.dumps((verdicts, alive.good)))

    pytest.main([*ARGUMENTS, *asked.tests], plugins=[Suite(then)])


@contextmanager
def _bar(
    what: str, mutants: Sequence[Mutant], verdicts: list[Verdict], out: TextIO
) -> Iterator[Callable[[Verdict], None]]:
    """What takes a verdict down and says how far it is."""
    alive = 0
    with Progress(what, len(mutants), "mutants", out) as bar:

        def tell(verdict: Verdict) -> None:
            nonlocal alive
            verdicts.append(verdict)
            alive += verdict.how != "same" and not verdict.killed
            bar.step()
            bar.say(f"{alive:,} alive")

        yield tell


if __name__ == "__main__":
    main()
