"""What the JavaScript tests declare, and what became of them.

``node --test`` runs all files at once, beside the Python tests; each of its tests is then reported
as one of pytest's. The names are read from the source before anything runs, so that a file that
crashes or a test that is skipped is a failure and not a silence.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

JS = Path(__file__).parent / "js"
PARALLEL = 4
"""Files at a time. They mostly wait: for the server, and for the next code."""
SECONDS = 300
OLDEST = 20
_DECLARED = re.compile(r"""^ *test\((["`])(.+?)\1""", re.MULTILINE)
_GRACE = "${grace}"
Name = tuple[str, str]
"""A test's file and its name."""


def declared(directory: Path = JS) -> list[Name]:
    """Every test in the sources, a test for both graces as two."""
    return [(file.name, name) for file in files(directory) for name in _names(file)]


def files(directory: Path = JS) -> list[Path]:
    return sorted(directory.glob("*.test.mjs"))


def _names(file: Path) -> list[str]:
    names = []
    for _, name in _DECLARED.findall(file.read_text()):
        graces = ("0", "10") if _GRACE in name else ("",)
        names += [name.replace(_GRACE, grace) for grace in graces]
    return names


@dataclass(frozen=True, slots=True)
class Result:
    passed: bool
    error: str


class NodeRun:
    """A running ``node --test`` over ``paths``. ``results`` waits for its end."""

    def __init__(self, paths: list[Path], environment: dict[str, str]) -> None:
        node = shutil.which("node")
        self._process: subprocess.Popen[str] | None = None
        if not paths:
            return
        if node is None or _version(node) < OLDEST:
            raise RuntimeError(f"The JavaScript clients need Node {OLDEST} or newer.")
        if not (JS / "node_modules" / "@supabase").is_dir():
            raise RuntimeError("The JavaScript clients are not installed: run `make test-clients`.")
        self._process = subprocess.Popen(
            [
                node,
                "--test",
                f"--test-concurrency={PARALLEL}",
                f"--test-reporter={JS / 'support' / 'reporter.mjs'}",
                "--test-reporter-destination=stdout",
                *map(str, paths),
            ],
            cwd=JS,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """What the reporter wrote. Raises RuntimeError where it is no report at all."""
        if self._process is None:
            return []
        try:
            written, errors = self._process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self.stop()
            raise RuntimeError(f"The JavaScript tests took more than {SECONDS} s.") from None
        lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
        if not lines:
            raise RuntimeError(f"node --test said nothing:\n{written}{errors}")
        return lines

    @cached_property
    def results(self) -> dict[Name, Result]:
        return {
            (line["file"], line["name"]): Result(line["passed"], line["error"])
            for line in self.lines
        }

    def check(self, file: str, name: str) -> None:
        """Fails as that test has."""
        result = self.results.get((file, name))
        if result is None:
            whole = [line["error"] for line in self.lines if line["name"].endswith(file)]
            pytest.fail(f"It did not run. {' '.join(whole)}", pytrace=False)
        if not result.passed:
            pytest.fail(result.error, pytrace=False)

    def check_names(self, file: Path) -> None:
        """Fails unless the file ran what it declares and nothing else."""
        ran = sorted(line["name"] for line in self.lines if line["file"] == file.name)
        assert ran, "A file without tests."
        assert ran == sorted(_names(file))

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def _version(node: str) -> int:
    """22 of ``v22.1.0``."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").partition(".")[0])
