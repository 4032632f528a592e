"""Which tests a mutant meets, and in what order: those most likely to notice come first."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from reliability.mutation.learned import Learned
from reliability.mutation.mutants import Mutant
from reliability.results import ROOT

_REMEMBERED = 6
_NEAR, _BETWEEN, _FAR = range(3)


class Choice:
    """Learns as it goes: what noticed one mutant of a function comes first for the next."""

    def __init__(self, learned: Learned, tests: Sequence[str]) -> None:
        self._known = learned.known
        self._tests = tests
        self._reaching = learned.reaching(tests)
        self._noticed: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._saying: dict[frozenset[str], set[str]] = {}
        self.distrusted: set[str] = set()
        """Tests that fail without a mutant, and so notice nothing."""

    def of(self, mutant: Mutant) -> list[str]:
        """The tests that run its line, best first.

        Those in a file named like the module come first, then those in a file that imports it. Of
        these, and of the others, each test function has its turn before any has a second with other
        parameters, the quickest first.
        """
        met = self._meeting(mutant) - self.distrusted
        first = [test for test in self._noticed[_place(mutant)] if test in met]
        turns: dict[str, int] = defaultdict(int)
        ranked: list[tuple[int, int, float, str]] = []
        for test in sorted(met.difference(first), key=lambda test: self._known[test].seconds):
            function = test.partition("[")[0]
            ranked.append(
                (_distance(test, mutant), turns[function], self._known[test].seconds, test)
            )
            turns[function] += 1
        return [*first, *(test for *_, test in sorted(ranked))]

    def noticed(self, mutant: Mutant, test: str) -> None:
        """That test is one to ask first."""
        tests = self._noticed[_place(mutant)]
        if test in tests:
            tests.remove(test)
        tests.insert(0, test)
        del tests[_REMEMBERED:]

    def is_met(self, mutant: Mutant) -> bool:
        """Whether any test runs its line."""
        return bool(self._meeting(mutant))

    def _meeting(self, mutant: Mutant) -> set[str]:
        if mutant.function:
            return self._running(mutant.path, mutant.lines)
        # What runs at import is met by whoever runs a line with its name, else a line of its file;
        # and by its own tests, which may name it themselves.
        if mutant.names not in self._saying:
            self._saying[mutant.names] = self._running_any(mutant.names)
        found = self._saying[mutant.names]
        found = found or self._running(mutant.path, list(self._reaching[mutant.path]))
        return found | {test for test in self._tests if _distance(test, mutant) < _FAR}

    def _running_any(self, names: frozenset[str]) -> set[str]:
        """The tests that run a line with one of these names in it."""
        said = re.compile(rf"\b({'|'.join(names) or '$^'})\b")
        found: set[str] = set()
        for path in list(self._reaching):
            lines = (ROOT / path).read_text().split("\n")
            found |= self._running(path, (n for n, t in enumerate(lines, 1) if said.search(t)))
        return found

    def _running(self, path: str, lines: Iterable[int]) -> set[str]:
        reaching = self._reaching[path]
        return {test for line in lines if line in reaching for test in reaching[line]}


def _place(mutant: Mutant) -> tuple[str, str]:
    return mutant.path, mutant.function or " ".join(sorted(mutant.names))


def _distance(test: str, mutant: Mutant) -> int:
    """From the mutant's module to the test: whether its file has the name, or imports it."""
    file = test.partition("::")[0]
    if mutant.module.rpartition(".")[2] in file:
        return _NEAR
    return _BETWEEN if mutant.module in _imported(file) else _FAR


@cache
def _imported(file: str) -> frozenset[str]:
    """The modules that a file of tests names in its imports, and what it takes from them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return frozenset(found)
