"""Work done in forks of this process, several at once, each with a limit of time."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

_MEMORY = 4 * 2**30
"""What a fork may take beyond what this process has: some mutants would take it all."""

_STREAMS = (0, 1, 2)
_LONG = 20_000
"""What a pipe holds without a reader, and some more than a traceback has."""

Task = TypeVar("Task")


@dataclass(frozen=True, slots=True)
class Ended(Generic[Task]):
    """How the fork for a task ended. ``said`` has the fields of what its work returned, None if it
    was ended from outside, for its time or its memory."""

    task: Task
    said: Any


class Forks(Generic[Task]):
    """``work`` is called in the fork, and returns a dataclass. A timer that runs out ends it."""

    def __init__(self, work: Callable[[Task], Any], at_once: int) -> None:
        self._work, self._at_once = work, at_once
        self._running: dict[int, tuple[Task, int]] = {}

    def run(self, tasks: Iterator[Task]) -> Iterator[Ended[Task]]:
        """The tasks are taken one by one, when there is room."""
        try:
            for task in tasks:
                if len(self._running) >= self._at_once:
                    yield self._next()
                self._start(task)
            while self._running:
                yield self._next()
        finally:
            for pid in self._running:
                os.kill(pid, signal.SIGKILL)

    def _start(self, task: Task) -> None:
        reader, writer = os.pipe()
        parent = os.getpid()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._be_a_child(parent)
            try:
                said: dict[str, Any] = {"said": asdict(self._work(task))}
            except BaseException:
                said = {"trouble": traceback.format_exc()[-_LONG:]}
            os.write(writer, json.dumps(said).encode())
            os._exit(0)
        os.close(writer)
        self._running[pid] = task, reader

    def _next(self) -> Ended[Task]:
        pid = 0
        while pid not in self._running:
            pid, _ = os.wait()
        task, reader = self._running.pop(pid)
        with open(reader, "rb") as pipe:
            text = pipe.read()
        answer = json.loads(text) if text else {"said": None}
        if "trouble" in answer:
            raise RuntimeError(f"{task}\n{answer['trouble']}")
        return Ended(task, answer["said"])

    @staticmethod
    def _be_a_child(parent: int) -> None:
        if sys.platform == "linux":
            pr_set_pdeathsig = 1  # linux/prctl.h
            ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            with open("/proc/self/statm") as sizes:
                has = int(sizes.read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (has + _MEMORY, has + _MEMORY))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        _say_nothing()


@contextmanager
def silent() -> Iterator[None]:
    """What is run in the block prints and logs nothing."""
    were = [os.dup(stream) for stream in _STREAMS]
    _say_nothing()
    try:
        yield
    finally:
        for stream, was in zip(_STREAMS, were, strict=True):
            os.dup2(was, stream)
            os.close(was)


def _say_nothing() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in _STREAMS:
        os.dup2(nothing, stream)
    os.close(nothing)
