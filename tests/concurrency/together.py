"""Many at once: threads that wait for each other, each with a database connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import Any

from django.db import connection

from lingauth.core.errors import DomainError

WAIT = 30
"""Seconds after which a thread that does not come back is a failure."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one of them came to: a value, or the refusal."""

    value: Any = None
    refusal: DomainError | None = None

    @property
    def code(self) -> str:
        return "ok" if self.refusal is None else self.refusal.code


def together(acts: Sequence[Callable[[], Any]]) -> list[Outcome]:
    """Run all of them at the same moment and say how each ended, in their order.

    Every thread opens its connection before the start, so that they meet in the product and not
    in the queue to the database. Anything but a refusal of ours is raised here: a race must never
    end in an error that nobody thought of.
    """
    barrier = Barrier(len(acts))
    outcomes = [Outcome() for _ in acts]
    accidents: list[BaseException] = []

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(WAIT)
            outcomes[index] = Outcome(value=act())
        except DomainError as refusal:
            outcomes[index] = Outcome(refusal=refusal)
        except BaseException as accident:
            accidents.append(accident)
        finally:
            connection.close()

    threads = [Thread(target=run, args=numbered, daemon=True) for numbered in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert not any(thread.is_alive() for thread in threads), "A thread did not come back."
    if accidents:
        raise accidents[0]
    return outcomes


def codes(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many ended which way."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.code] = counts.get(outcome.code, 0) + 1
    return counts


def until_somebody_waits() -> None:
    """Until another connection waits for a lock of ours."""
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody came to wait.")
