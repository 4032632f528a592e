"""Which tests run which lines, and for how long: learned once, and anew for what has changed."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import coverage

from reliability.results import ROOT

_PART = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a test: ``lines`` are those it runs, by file; ``digest`` is of its own."""

    seconds: float
    passed: bool
    digest: str
    lines: dict[str, list[int]]


class Learned:
    """What is known of all tests, and where they meet the product.

    A test is run anew when its own file has changed. Where the product has, lines are followed to
    where they are now; what old tests newly run is not known then, until the file is
    gone and all is learned afresh.
    """

    def __init__(self, package: str, file: Path) -> None:
        self._package = package
        self._file = file
        self.known: dict[str, Known] = {}
        self._texts: dict[str, str] = {}
        if self._file.exists():
            kept = json.loads(self._file.read_text())
            self.known = {name: Known(**of) for name, of in kept["tests"].items()}
            self._texts = kept["texts"]
            self._follow()

    def fresh(self, test: str) -> bool:
        """Whether what is known of that test is still so."""
        known = self.known.get(test)
        return known is not None and known.digest == _digest(test)

    def learn(
        self, tests: Sequence[str], run: Callable[[str], bool], tell: Callable[[], None]
    ) -> None:
        """Run the tests, and keep what they did. Kept now and then, for a run that is stopped."""
        for begin in range(0, len(tests), _PART):
            self._learn(tests[begin : begin + _PART], run, tell)
            self._keep()

    def _learn(
        self, tests: Sequence[str], run: Callable[[str], bool], tell: Callable[[], None]
    ) -> None:
        measured = coverage.Coverage(
            data_file=None, config_file=False, source=[str(ROOT / self._package)]
        )
        seconds, passed = {}, {}
        measured.start()
        for test in tests:
            measured.switch_context(test)
            begun = time.process_time()
            passed[test] = run(test)
            seconds[test] = time.process_time() - begun
            tell()
        measured.stop()
        data = measured.get_data()
        lines: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for file in data.measured_files():
            path = str(Path(file).relative_to(ROOT))
            for line, contexts in data.contexts_by_lineno(file).items():
                for context in contexts:
                    lines[context][path].append(line)
        for test in tests:
            self.known[test] = Known(seconds[test], passed[test], _digest(test), dict(lines[test]))

    def reaching(self, among: Iterable[str]) -> dict[str, dict[int, list[str]]]:
        """By file and line, the tests that run it."""
        found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for test in among:
            for path, lines in self.known[test].lines.items():
                for line in lines:
                    found[path][line].append(test)
        return found

    def _follow(self) -> None:
        """Let all lines be those of the files as they are now."""
        moved = {}
        for path, text in self._texts.items():
            file = ROOT / path
            if (now := file.read_text() if file.exists() else "") != text:
                moved[path] = _moves(text, now)
        for known in self.known.values():
            for path in moved.keys() & known.lines.keys():
                now_at = {new for line in known.lines[path] for new in moved[path].get(line, ())}
                known.lines[path] = sorted(now_at)

    def _keep(self) -> None:
        paths = {path for known in self.known.values() for path in known.lines}
        texts = {path: (ROOT / path).read_text() for path in paths if (ROOT / path).exists()}
        tests = {name: asdict(of) for name, of in self.known.items()}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps({"texts": texts, "tests": tests}))
        partial.replace(self._file)


def _moves(before: str, after: str) -> dict[int, list[int]]:
    """From a line of a file to what it is after a change. What was put in another's place, or
    after it, is run by whoever ran that."""
    found: dict[int, list[int]] = defaultdict(list)
    blocks = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for kind, begin, end, new_begin, new_end in blocks.get_opcodes():
        new = range(new_begin + 1, new_end + 1)
        if kind == "equal":
            for line, now in zip(range(begin + 1, end + 1), new, strict=True):
                found[line].append(now)
        else:
            for line in range(begin + 1, end + 1) or (begin,):
                found[line].extend(new)
    return found


@cache
def _digest(test: str) -> str:
    """Of the file that a test is in."""
    file = ROOT / test.partition("::")[0]
    return hashlib.sha256(file.read_bytes() if file.exists() else b"").hexdigest()[:16]
