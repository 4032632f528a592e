"""Which tests a mutant meets, and in what order: those most likely to notice come first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from reliability.mutation.learned import Learned
from reliability.mutation.mutants import Mutant

_REMEMBERED = 6


class Choice:
    """Learns as it goes: what noticed one mutant of a function comes first for the next."""

    def __init__(self, learned: Learned, tests: Sequence[str]) -> None:
        self._known = learned.known
        self._reaching = learned.reaching(tests)
        self._noticed: dict[tuple[str, str], list[str]] = defaultdict(list)

    def of(self, mutant: Mutant, without: set[str]) -> list[str]:
        """The tests that run its line, best first.

        Each test function has its turn before any has a second with other parameters; those in a
        file named like the module come first, then the quickest.
        """
        lines = self._reaching[mutant.path]
        met = {test for line in mutant.lines for test in lines[line]} - without
        first = [test for test in self._noticed[mutant.path, mutant.function] if test in met]
        name = mutant.path.rpartition("/")[2].removesuffix(".py")
        turns: dict[str, int] = defaultdict(int)
        ranked: list[tuple[int, bool, float, str]] = []
        for test in sorted(met.difference(first), key=lambda test: self._known[test].seconds):
            function = test.partition("[")[0]
            is_far = name not in function.partition("::")[0]
            ranked.append((turns[function], is_far, self._known[test].seconds, test))
            turns[function] += 1
        return [*first, *(test for *_, test in sorted(ranked))]

    def noticed(self, mutant: Mutant, test: str) -> None:
        """That test is one to ask first."""
        tests = self._noticed[mutant.path, mutant.function]
        if test in tests:
            tests.remove(test)
        tests.insert(0, test)
        del tests[_REMEMBERED:]
