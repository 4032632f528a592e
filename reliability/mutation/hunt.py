"""The hunt: each mutant in a fork of a process that has the tests and the database ready."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reliability.mutation.choice import Choice
from reliability.mutation.forks import Ended, Forks
from reliability.mutation.learned import Learned
from reliability.mutation.mutants import Mutant
from reliability.mutation.suite import Suite, limit
from reliability.mutation.swap import Functions, Unchanged
from reliability.results import ROOT


@dataclass(frozen=True, slots=True)
class Verdict:
    """``how`` is one of: ``noticed`` by the test ``by``, ``hung`` or grew until it was ended,
    ``survived`` all tests that reach it, ``out of time`` (some were not run, so it counts as a
    survivor), ``unreached`` by any test, ``same`` code and so no mutant."""

    mutant: Mutant
    how: str
    by: str = ""
    seconds: float = 0.0

    @property
    def killed(self) -> bool:
        return self.how in ("noticed", "hung")


@dataclass(frozen=True, slots=True)
class _Task:
    mutant: Mutant | None
    tests: list[str]


class Hunt:
    """``seconds`` is how long the tests of one mutant may take together."""

    def __init__(
        self, suite: Suite, learned: Learned, functions: Functions, seconds: float, jobs: int
    ) -> None:
        self._suite, self._learned, self._functions = suite, learned, functions
        self._seconds, self._jobs = seconds, jobs
        good = [test for test in suite.tests if learned.known[test].passed]
        self._choice = Choice(learned, good)
        self.distrusted: set[str] = set()
        self._trusted: set[str] = set()
        self._sources = {}

    def run(self, mutants: Sequence[Mutant], tell: Callable[[Verdict], None]) -> None:
        gc.collect()
        gc.freeze()
        self._waiting = deque(mutants)
        self._asked: deque[_Task] = deque()
        forks = Forks(self._work, self._jobs)
        again = True
        while again:
            again = False
            for ended in forks.run(self._tasks(tell)):
                for verdict in self._judge(ended):
                    tell(verdict)
            again = bool(self._waiting or self._asked)

    def _tasks(self, tell: Callable[[Verdict], None]) -> Iterator[_Task]:
        while self._waiting or self._asked:
            if self._asked:
                yield self._asked.popleft()
                continue
            mutant = self._waiting.popleft()
            if tests := self._choice.of(mutant, self.distrusted):
                yield _Task(mutant, tests)
            else:
                tell(Verdict(mutant, "unreached"))

    def _work(self, task: _Task) -> Any:
        """In the fork."""
        begun = time.perf_counter()
        if task.mutant is not None:
            before = (ROOT / task.mutant.path).read_text()
            try:
                self._functions.swap(
                    task.mutant.path, before, task.mutant.source(before), task.mutant.function
                )
            except Unchanged:
                return {"same": True}
        known = self._learned.known
        tried = []
        for test in task.tests:
            if tried and time.perf_counter() - begun > self._seconds:
                return {"left": len(task.tests) - len(tried), "seconds": self._seconds}
            tried.append(test)
            if self._suite.first_failure([test], lambda test: limit(known[test].seconds)):
                return {"by": test, "seconds": time.perf_counter() - begun}
        return {"seconds": time.perf_counter() - begun}

    def _judge(self, ended: Ended[_Task]) -> Iterator[Verdict]:
        task, said = ended.task, ended.said
        if said and "trouble" in said:
            raise RuntimeError(f"{task.mutant}\n{said['trouble']}")
        if task.mutant is None:
            self._asked_alone(task.tests[0], said)
            return
        if said is None:
            yield Verdict(task.mutant, "hung", seconds=0.0)
        elif "same" in said:
            yield Verdict(task.mutant, "same")
        elif (by := said.get("by")) is not None:
            if by not in self._trusted and by not in self.distrusted:
                # Does it pass alone, without a mutant? Else it notices nothing.
                self._asked.append(_Task(None, [by]))
            self._choice.noticed(task.mutant, by)
            yield Verdict(task.mutant, "noticed", by, said["seconds"])
        elif "left" in said:
            yield Verdict(task.mutant, "out of time", seconds=said["seconds"])
        else:
            yield Verdict(task.mutant, "survived", seconds=said["seconds"])

    def _asked_alone(self, test: str, said: Any) -> None:
        if said is None or "by" in said:
            self.distrusted.add(test)
        else:
            self._trusted.add(test)
