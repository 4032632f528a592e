"""The hunt: mutants and their tests, in forks of a process that is ready for them.

A fork costs more than most tests. So mutants of one function go into a fork together, one after
another, with few tests each. In the end the tests that noticed them run once more, without any
mutant. Whoever was not noticed so, and all of them if anything else is in doubt, have their turn
alone, with all their tests.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reliability.mutation.choice import Choice
from reliability.mutation.forks import Ended, Forks
from reliability.mutation.mutants import Mutant

_FIRST = 12
"""Tests for each of those that go together."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``how`` is one of: ``noticed`` by the test ``by``, ``hung`` or grew until it was ended,
    ``survived`` all tests that reach it, ``out of time`` (some were not run, so it counts as a
    survivor), ``unreached`` by any test, ``same`` code and so no mutant."""

    mutant: Mutant
    how: str
    by: str = ""

    @property
    def killed(self) -> bool:
        return self.how in ("noticed", "hung")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Tests to run until one fails, with a mutant or, to see whether they pass, without.

    ``some``: there would be more of them.
    """

    mutant: Mutant | None
    tests: list[str]
    some: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of an attempt. ``by`` is the test that failed; for ``left`` there was no time."""

    by: str | None = None
    left: int = 0
    same: bool = False


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of one fork. ``sound``: what noticed a mutant passed without, in the end."""

    of: list[Outcome]
    sound: bool = True


Task = list[Attempt]
Work = Callable[[Task], Outcomes]


class Hunt:
    """``work`` does a task, in a fork. Of more than one mutant it also finds out what is sound."""

    def __init__(self, choice: Choice, work: Work, jobs: int, together: int = 1) -> None:
        self._choice, self._together = choice, together
        self._forks = Forks(work, jobs)
        self._waiting: deque[Mutant] = deque()
        self._alone: deque[Mutant] = deque()
        self._trusted: set[str] = set()
        self._asked: deque[str] = deque()
        self._held: dict[str, list[Mutant]] = {}
        """By a test that is asked: those that it seems to have noticed."""

    def run(self, mutants: Sequence[Mutant], tell: Callable[[Verdict], None]) -> None:
        """Tell a verdict on each, in whatever order they come."""
        for mutant in mutants:
            if self._choice.is_met(mutant):
                self._waiting.append(mutant)
            else:
                tell(Verdict(mutant, "unreached"))
        while self._waiting or self._alone or self._asked:
            for ended in self._forks.run(self._tasks()):
                for verdict in self._judge(ended):
                    tell(verdict)

    def _tasks(self) -> Iterator[Task]:
        while self._waiting or self._alone or self._asked:
            if self._asked:
                yield [Attempt(None, [self._asked.popleft()])]
            elif self._alone:
                mutant = self._alone.popleft()
                yield [Attempt(mutant, self._choice.of(mutant))]
            else:
                kin = list(self._kin())
                tests = {mutant: self._choice.of(mutant) for mutant in kin}
                if len(kin) == 1:
                    yield [Attempt(kin[0], tests[kin[0]])]
                else:
                    yield [
                        Attempt(mutant, tests[mutant][:_FIRST], len(tests[mutant]) > _FIRST)
                        for mutant in kin
                    ]

    def _kin(self) -> Iterator[Mutant]:
        """The next mutants of one function."""
        first = self._waiting[0]
        for _ in range(self._together):
            if not self._waiting or self._waiting[0].function != first.function:
                return
            yield self._waiting.popleft()

    def _judge(self, ended: Ended[Task]) -> Iterator[Verdict]:
        task = ended.task
        outcomes = ended.said and [Outcome(**one) for one in ended.said["of"]]
        if task[0].mutant is None:
            yield from self._heard(task[0].tests[0], outcomes == [Outcome()])
            return
        in_company = len(task) > 1
        if in_company and (outcomes is None or not ended.said["sound"]):
            self._alone.extend(attempt.mutant for attempt in task if attempt.mutant)
            return
        for attempt, outcome in zip(task, outcomes or [None], strict=True):
            assert attempt.mutant is not None
            if outcome is None:
                yield Verdict(attempt.mutant, "hung")
            elif outcome.same:
                yield Verdict(attempt.mutant, "same")
            elif outcome.by is not None:
                yield from self._noticed(attempt.mutant, outcome.by, in_company)
            elif in_company and (attempt.some or outcome.left):
                self._alone.append(attempt.mutant)
            else:
                yield Verdict(attempt.mutant, "out of time" if outcome.left else "survived")

    def _noticed(self, mutant: Mutant, by: str, in_company: bool) -> Iterator[Verdict]:
        """Does that test pass without a mutant, alone? Else it notices nothing."""
        if in_company:
            self._trusted.add(by)
        if by in self._trusted:
            self._choice.noticed(mutant, by)
            yield Verdict(mutant, "noticed", by)
        elif by in self._choice.distrusted:
            self._alone.append(mutant)
        elif by in self._held:
            self._held[by].append(mutant)
        else:
            self._held[by] = [mutant]
            self._asked.append(by)

    def _heard(self, test: str, passes: bool) -> Iterator[Verdict]:
        held = self._held.pop(test)
        if passes:
            self._trusted.add(test)
            for mutant in held:
                yield from self._noticed(mutant, test, in_company=False)
        else:
            self._choice.distrusted.add(test)
            self._alone.extend(held)
