"""Which tests run which lines, and for how long: learned once, and anew for what has changed."""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import coverage

from reliability.results import FOLDER, ROOT

_FILE = FOLDER / "mutation-learned.json"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a test. ``lines`` are those it runs, by file; ``of`` is the digest of its
    own file, and those of the files it runs, when that was found."""

    seconds: float
    passed: bool
    lines: dict[str, list[int]]
    of: dict[str, str]


class Learned:
    """What is known of all tests, and where they meet the product."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = packages
        self.known: dict[str, Known] = {}
        self._digests: dict[str, str] = {}
        if _FILE.exists():
            self.known = {name: Known(**of) for name, of in json.loads(_FILE.read_text()).items()}

    def fresh(self, name: str) -> bool:
        """Whether what is known of that test is still so."""
        known = self.known.get(name)
        return known is not None and all(self._digest(p) == d for p, d in known.of.items())

    def learn(self, tests: Sequence[str], run: Callable[[str], bool], tell: Callable[[], None]) -> None:
        """Run the tests, and keep what they did."""
        measured = coverage.Coverage(
            data_file=None, config_file=False, source=[str(ROOT / p) for p in self._packages]
        )
        seconds, passed = {}, {}
        measured.start()
        for test in tests:
            measured.switch_context(test)
            begun = time.perf_counter()
            passed[test] = run(test)
            seconds[test] = time.perf_counter() - begun
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
            of = {path: self._digest(path) for path in (test.partition("::")[0], *lines[test])}
            self.known[test] = Known(seconds[test], passed[test], dict(lines[test]), of)
        self._keep()

    def reaching(self, among: Iterable[str]) -> dict[str, dict[int, list[str]]]:
        """By file and line, the tests that run it."""
        found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for test in among:
            for path, lines in self.known[test].lines.items():
                for line in lines:
                    found[path][line].append(test)
        return found

    def _digest(self, path: str) -> str:
        if path not in self._digests:
            file = ROOT / path
            text = file.read_bytes() if file.exists() else b""
            self._digests[path] = hashlib.sha256(text).hexdigest()[:16]
        return self._digests[path]

    def _keep(self) -> None:
        _FILE.parent.mkdir(parents=True, exist_ok=True)
        written = json.dumps({name: asdict(of) for name, of in self.known.items()})
        partial = _FILE.with_suffix(".new")
        partial.write_text(written)
        partial.replace(_FILE)
