"""How far a long run is: a bar on a terminal, a line every ten seconds in a log."""

from __future__ import annotations

import sys
import time
from threading import Lock
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

PAUSE = 10.0
"""Seconds between two lines of a log."""


class Progress:
    """Use it as a context manager. ``step`` and ``say`` may be called from any thread.

    ``total`` is how many ``unit`` there are to do.
    """

    def __init__(self, what: str, total: int, unit: str, out: TextIO | None = None) -> None:
        self.what, self.total, self.unit = what, total, unit
        self.out = out or sys.stderr
        self.done = 0
        self.words = ""
        self._lock = Lock()
        self._begun = self._printed = time.monotonic()
        self._bar = (
            Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn(unit),
                TimeRemainingColumn(),
                TextColumn("{task.fields[words]}"),
                console=Console(file=self.out),
            )
            if self.out.isatty()
            else None
        )

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
            self._task = self._bar.add_task(self.what, total=self.total, words="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()
        else:
            self._line()

    def step(self, n: int = 1) -> None:
        """``n`` more are done."""
        with self._lock:
            self.done += n
            self._show()

    def say(self, words: str) -> None:
        """What is going on now."""
        with self._lock:
            self.words = words
            self._show()

    def _show(self) -> None:
        if self._bar:
            self._bar.update(self._task, completed=self.done, words=self.words)
        elif time.monotonic() - self._printed >= PAUSE:
            self._line()

    def _line(self) -> None:
        self._printed = time.monotonic()
        passed = self._printed - self._begun
        share = self.done / self.total if self.total else 1.0
        print(
            f"{self.what}: {self.done:,} of {self.total:,} {self.unit} ({share:.0%}) "
            f"in {passed:.0f} s {self.words}".rstrip(),
            file=self.out,
            flush=True,
        )
