"""Whose turn it is to hash, without waiting for anything: each way to take one and to give it back.

``test_hash_turns`` has the same with requests that wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pytest_django import Settings

from lingauth.core.errors import Unavailable
from lingauth.services import passwords
from lingauth.signals import hashing_refused

pytestmark = pytest.mark.once

Allow = Callable[[int, int], None]


@pytest.fixture
def allow(settings: Settings) -> Iterator[Allow]:
    """Says how many may hash at once, and how many more may wait, which is for no time at all."""

    def allowing(at_once: int, queue: int) -> None:
        settings.LINGAUTH = {
            **settings.LINGAUTH,
            "HASH_CONCURRENCY": at_once,
            "HASH_QUEUE": queue,
            "HASH_WAIT": 0.01,
        }

    passwords._semaphore.cache_clear()
    yield allowing
    passwords._semaphore.cache_clear()


def left(of: str, number: int) -> int:
    """How many of so many are free."""
    return int(passwords._semaphore(of, number)._value)


def refused_elsewhere() -> int | None:
    """The seconds after which another thread is told to try again; None if it has its turn."""

    def take() -> int | None:
        try:
            with passwords.turn():
                return None
        except Unavailable as error:
            return error.retry_after

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(take).result(10)


def test_a_turn_is_given_back_whatever_happens_in_it(allow: Allow) -> None:
    allow(1, 1)
    for _ in range(3):
        with passwords.turn():
            assert (left("places", 2), left("turns", 1)) == (1, 0)
        with pytest.raises(ZeroDivisionError), passwords.turn():
            raise ZeroDivisionError
        assert (left("places", 2), left("turns", 1)) == (2, 1)


def test_who_is_refused_is_counted_and_leaves_nothing_taken(allow: Allow) -> None:
    reasons: list[str] = []

    def hear(*, reason: str, **_: Any) -> None:
        reasons.append(reason)

    hashing_refused.connect(hear)
    allow(1, 1)
    with passwords.turn():
        assert [refused_elsewhere() for _ in range(3)] == [2, 2, 2]
    allow(1, 0)
    with passwords.turn():
        assert [refused_elsewhere() for _ in range(3)] == [1, 1, 1]
    assert refused_elsewhere() is None
    hashing_refused.disconnect(hear)
    assert reasons == ["waited_too_long"] * 3 + ["queue_full"] * 3


def test_who_has_a_turn_needs_no_second_one_and_keeps_the_first(allow: Allow) -> None:
    allow(1, 0)
    with passwords.turn():
        with passwords.turn():
            assert passwords.hashed("within").startswith("md5$")
        assert refused_elsewhere() == 1
    assert refused_elsewhere() is None


@pytest.mark.parametrize(("at_once", "number"), [(2, 2), (1, 1), (0, 1)])
def test_so_many_hash_at_once_and_never_nobody(allow: Allow, at_once: int, number: int) -> None:
    allow(at_once, 0)
    with passwords.turn():
        assert (left("places", number), left("turns", number)) == (number - 1, number - 1)
