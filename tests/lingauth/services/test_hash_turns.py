"""Passwords are hashed a few at a time, a few more wait, and nobody waits beyond that."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from pytest_django import Settings

from lingauth.core.errors import Unavailable
from lingauth.models import GuessLimit
from lingauth.services import passwords
from lingauth.signals import hashing_refused
from tests.support.app import App


class Slow:
    """A hasher that takes as long as the test wants."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.started = Event()
        self.go_on = Event()

    def __call__(self, password: str) -> str:
        self.begun.append(password)
        self.started.set()
        assert self.go_on.wait(20)
        return f"hash of {password}"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Slow:
    hasher = Slow()
    monkeypatch.setattr(passwords, "make_password", hasher)
    settings.LINGAUTH = {
        **settings.LINGAUTH,
        "HASH_CONCURRENCY": 1,
        "HASH_QUEUE": 1,
        "HASH_WAIT": 15,
    }
    passwords._semaphore.cache_clear()
    return hasher


@contextmanager
def full(slow: Slow) -> Iterator[list[Future[str]]]:
    """One hash under way and one request waiting for it, which is as many as may."""
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(passwords.hashed, "first")
        assert slow.started.wait(10)
        second = pool.submit(passwords.hashed, "second")
        try:
            while passwords._semaphore("places", 2)._value:
                assert not second.done()
            yield [first, second]
        finally:
            slow.go_on.set()


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """The reasons that ``hashing_refused`` told."""
    reasons: list[str] = []

    def receive(*, reason: str, **_: Any) -> None:
        reasons.append(reason)

    hashing_refused.connect(receive)
    yield reasons
    hashing_refused.disconnect(receive)


def test_one_hashes_one_waits_and_the_next_is_told_at_once(slow: Slow, heard: list[str]) -> None:
    with full(slow) as both:
        with pytest.raises(Unavailable) as refused:
            passwords.hashed("third")
        assert refused.value.retry_after == 1
        assert heard == ["queue_full"]
        assert slow.begun == ["first"]
        slow.go_on.set()
        assert [one.result(10) for one in both] == ["hash of first", "hash of second"]
    assert passwords.hashed("fourth") == "hash of fourth"


def test_nobody_waits_for_ever(slow: Slow, settings: Settings, heard: list[str]) -> None:
    with full(slow) as both:
        settings.LINGAUTH = {**settings.LINGAUTH, "HASH_QUEUE": 2, "HASH_WAIT": 0.01}
        # A queue of its own, behind the same turn.
        with pytest.raises(Unavailable) as refused:
            passwords.hashed("third")
        assert refused.value.retry_after == 2
        assert heard == ["waited_too_long"]
        slow.go_on.set()
        assert both[1].result(10) == "hash of second"


@pytest.mark.django_db
@pytest.mark.parametrize("known", [True, False])
def test_a_sign_in_beyond_the_queue_is_503_for_everybody(slow: Slow, known: bool, app: App) -> None:
    slow.go_on.set()
    app.sign_up()
    slow.go_on.clear()
    slow.started.clear()
    body: dict[str, Any] = {"email": app.email if known else "no@example.com", "password": "p" * 9}
    with full(slow):
        answer = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert not GuessLimit.objects.exists()  # nobody pays for a guess that was not looked at
