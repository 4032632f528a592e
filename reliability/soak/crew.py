"""Threads that act at the same moment, each with a database connection that it keeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Barrier, Thread
from types import TracebackType
from typing import Any, Self

from django.db import connection

from reliability.soak.acts.act import Act
from reliability.soak.judge import Done
from reliability.soak.wire import Wire

SIZE = 4
WAIT = 60
"""Seconds after which a thread that does not come back is a failure."""

Job = Callable[[], None]


class Crew:
    """Use it as a context manager: the threads end with the block."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._jobs: list[SimpleQueue[Job | None]] = [SimpleQueue() for _ in range(SIZE)]
        self._threads = [Thread(target=_work, args=(jobs,), daemon=True) for jobs in self._jobs]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for jobs in self._jobs:
            jobs.put(None)
        for thread in self._threads:
            thread.join(WAIT)

    def together(self, acts: Sequence[Act], delays: Sequence[float]) -> list[Done]:
        """Do all of them at once, each so many seconds after the start; in the order in which they
        were answered."""
        barrier = Barrier(len(acts))
        answers: SimpleQueue[Done | BaseException] = SimpleQueue()

        def job(act: Act, delay: float) -> Job:
            def run() -> None:
                try:
                    barrier.wait(WAIT)
                    time.sleep(delay)
                    answers.put(Done(act, act.do(self.wire)))
                except BaseException as accident:
                    answers.put(accident)

            return run

        for jobs, act, delay in zip(self._jobs, acts, delays, strict=False):
            jobs.put(job(act, delay))
        found: list[Any] = [answers.get(timeout=WAIT) for _ in acts]
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return found


def _work(jobs: SimpleQueue[Job | None]) -> None:
    try:
        while (job := jobs.get()) is not None:
            job()
    finally:
        connection.close()
