"""Mutants of function bodies: put into a fork of a process that has all the tests ready."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TextIO

from django.db import connection

from reliability.mutation import clones, snapshot
from reliability.mutation.choice import Choice
from reliability.mutation.forks import silent
from reliability.mutation.hunt import Attempt, Hunt, Outcome, Outcomes, Task, Verdict
from reliability.mutation.learned import Learned
from reliability.mutation.mutants import Mutant
from reliability.mutation.plan import Plan
from reliability.mutation.suite import SNAPSHOT, Suite
from reliability.mutation.swap import Functions, Unchanged
from reliability.progress import Progress
from reliability.results import ROOT

_TOGETHER = 8
"""Mutants in one fork."""


class Alive:
    """What is done in the one process that has the suite. What is learned has a ``name``, since it
    is another on another database."""

    def __init__(self, suite: Suite, plan: Plan, out: TextIO, name: str) -> None:
        self._suite, self._plan, self._out = suite, plan, out
        with silent():
            suite.make_database()
        if connection.vendor == "sqlite":
            snapshot.keep(plan.folder / SNAPSHOT)
        self._functions = Functions(plan.package)
        self._learned = Learned(plan.package, plan.folder / f"{name}.json")
        self._sources: dict[str, str] = {}
        self._learn()

    def hunt(self, mutants: Sequence[Mutant], tell: Callable[[Verdict], None]) -> None:
        """All of these, which are of function bodies."""
        choice = Choice(self._learned, self.good)
        for path in {mutant.path for mutant in mutants}:
            self._sources[path] = (ROOT / path).read_text()
            self._functions.expect(path, self._sources[path])
        gc.collect()
        gc.freeze()  # so that a fork's collector does not copy all of memory
        clones.let_go()
        Hunt(choice, self._work, self._plan.jobs, _TOGETHER).run(mutants, tell)
        _say("fail alone, and so were not asked again", choice.distrusted, self._out)

    @property
    def good(self) -> list[str]:
        """The tests that pass without a mutant."""
        return [test for test in self._suite.tests if self._learned.known[test].passed]

    def _work(self, task: Task) -> Outcomes:
        gc.disable()
        with clones.own_database():
            outcomes = [self._attempt(attempt) for attempt in task]
            if len(task) == 1:
                return Outcomes(outcomes)
            noticing = sorted({outcome.by for outcome in outcomes if outcome.by is not None})
            without = self._suite.ask(noticing, self._learned, self._plan.budget)
        return Outcomes(outcomes, sound=without == Outcome())

    def _attempt(self, attempt: Attempt) -> Outcome:
        if (mutant := attempt.mutant) is None:
            return self._suite.ask(attempt.tests, self._learned, self._plan.budget)
        before = self._sources[mutant.path]
        try:
            with self._functions.swapped(
                mutant.path, before, mutant.source(before), mutant.function
            ):
                return self._suite.ask(attempt.tests, self._learned, self._plan.budget)
        except Unchanged:
            return Outcome(same=True)

    def _learn(self) -> None:
        unknown = [test for test in self._suite.tests if not self._learned.fresh(test)]
        if unknown:
            with Progress("learning", len(unknown), "tests", self._out) as bar, silent():
                self._learned.learn(unknown, self._passes, bar.step)
        failing = {*self._suite.tests}.difference(self.good)
        _say("fail without a mutant, and are left out", failing, self._out)

    def _passes(self, test: str) -> bool:
        """Nothing is remembered from one test to the next, so that each is seen to run what it
        would run as the first."""
        self._functions.forget()
        return self._suite.passes(test)


def _say(what: str, tests: set[str], out: TextIO) -> None:
    if tests:
        print(f"{len(tests)} tests {what}:", *sorted(tests), sep="\n  ", file=out)
