"""The hunt: the tests of each mutant, in a fork of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reliability.mutation.choice import Choice
from reliability.mutation.forks import Ended, Forks
from reliability.mutation.mutants import Mutant


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
class Task:
    """Tests to run until one fails, with a mutant or, to see whether they pass, without."""

    mutant: Mutant | None
    tests: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Of a task. ``by`` is the test that failed; for ``left`` there was no time."""

    seconds: float
    by: str | None = None
    left: int = 0
    same: bool = False


Work = Callable[[Task], Answer]


class Hunt:
    """``work`` does a task, in a fork."""

    def __init__(self, choice: Choice, work: Work, jobs: int) -> None:
        self._choice, self._work, self._jobs = choice, work, jobs
        self._trusted: set[str] = set()
        self._asked: deque[str] = deque()

    def run(self, mutants: Sequence[Mutant], tell: Callable[[Verdict], None]) -> None:
        """Tell a verdict on each, in whatever order they come."""
        waiting = deque(mutants)
        forks = Forks(self._work, self._jobs)
        while waiting or self._asked:
            for ended in forks.run(self._tasks(waiting, tell)):
                if (verdict := self._judge(ended)) is not None:
                    tell(verdict)

    def _tasks(self, waiting: deque[Mutant], tell: Callable[[Verdict], None]) -> Iterator[Task]:
        while waiting or self._asked:
            if self._asked:
                yield Task(None, [self._asked.popleft()])
                continue
            mutant = waiting.popleft()
            if tests := self._choice.of(mutant):
                yield Task(mutant, tests)
            else:
                tell(Verdict(mutant, "unreached"))

    def _judge(self, ended: Ended[Task]) -> Verdict | None:
        task = ended.task
        answer = None if ended.said is None else Answer(**ended.said)
        if task.mutant is None:
            test = task.tests[0]
            if answer is None or answer.by is not None:
                self._choice.distrusted.add(test)
            return None
        if answer is None:
            return Verdict(task.mutant, "hung")
        if answer.same:
            return Verdict(task.mutant, "same")
        if answer.by is not None:
            self._choice.noticed(task.mutant, answer.by)
            if answer.by not in self._trusted:
                # Does it pass without a mutant, alone? Else it notices nothing.
                self._trusted.add(answer.by)
                self._asked.append(answer.by)
            return Verdict(task.mutant, "noticed", answer.by, answer.seconds)
        return Verdict(
            task.mutant, "out of time" if answer.left else "survived", seconds=answer.seconds
        )
