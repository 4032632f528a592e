"""Sealing beside those who write or seal: nothing is left out, nothing is sealed twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from lingauth.core import history
from lingauth.core.errors import Unavailable
from lingauth.models import Backend, Event, HistorySeal
from lingauth.services.history import checking, sealing, settled
from tests.concurrency.together import codes, together
from tests.support.history import forget_seals, happen, seal

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def unsealed(transactional_db: None) -> Iterator[None]:
    """What is sealed cannot be emptied after the test."""
    yield
    forget_seals()


def is_all_sealed_once() -> None:
    assert checking.check().sentences() == []
    sealed = [key for row in HistorySeal.objects.all() for key, _ in history.unpacked(row.rows)]
    assert sorted(sealed) == list(Event.objects.order_by("pk").values_list("pk", flat=True))


def test_many_who_seal_at_once_seal_once(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    for _ in range(5):
        for number in range(8):
            happen(backend.pk if number % 3 else None)
        ended = codes(together([seal] * 6))
        assert ended["ok"] >= 1
        assert set(ended) <= {"ok", "conflict"}
        seal()
        is_all_sealed_once()


def test_sealing_beside_writers_leaves_nothing_out(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 5)
    writers_left = [Signal() for _ in range(4)]

    def write(index: int) -> None:
        random = Random(index)
        for _ in range(40):
            try:
                with transaction.atomic():
                    happen(backend.pk if random.random() < 0.8 else None)
                    time.sleep(random.random() / 100)
                    if random.random() < 0.2:
                        raise LookupError
            except LookupError:
                pass
        writers_left[index].set()

    def keep_sealing() -> int:
        times = 0
        while not all(left.is_set() for left in writers_left):
            times += len(seal())
        return times

    outcomes = together([*(lambda i=i: write(i) for i in range(4)), keep_sealing])
    assert outcomes[-1].value > 5
    seal()
    is_all_sealed_once()


@contextmanager
def slow_writer(backend: Backend) -> Iterator[None]:
    """Its event has a smaller id than those that come meanwhile, and is seen when this ends."""
    wrote, may_end = Signal(), Signal()

    def slowly() -> None:
        try:
            with transaction.atomic():
                happen(backend.pk)
                wrote.set()
                assert may_end.wait(20)
        finally:
            connection.close()

    thread = Thread(target=slowly, daemon=True)
    thread.start()
    assert wrote.wait(10)
    yield
    may_end.set()
    thread.join(20)


def test_a_transaction_that_took_an_id_is_waited_for(backend: Backend) -> None:
    with slow_writer(backend):
        happen(backend.pk)
        with pytest.raises(Unavailable, match="has been open"):
            list(sealing.seal(patience=0.2))
        assert not HistorySeal.objects.exists()
    assert len(seal()) == 1
    is_all_sealed_once()
    assert checking.check().events == 3


def test_what_comes_after_the_look_at_the_writers_is_left_for_the_next_time(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that began since was not among those that are waited for."""
    with ExitStack() as meanwhile:

        def writers() -> set[str]:
            meanwhile.enter_context(slow_writer(backend))
            happen(backend.pk)
            return set()

        monkeypatch.setattr(settled, "_writers", writers)
        seal()
        monkeypatch.undo()
    seal()
    is_all_sealed_once()
    assert checking.check().events == 3


def test_whoever_only_reads_or_writes_elsewhere_is_not_waited_for(backend: Backend) -> None:
    began, may_end = Signal(), Signal()

    def idle() -> None:
        try:
            with transaction.atomic():
                list(Event.objects.select_for_update())
                Backend.objects.update(name="Other")
                began.set()
                assert may_end.wait(20)
        finally:
            connection.close()

    thread = Thread(target=idle, daemon=True)
    thread.start()
    assert began.wait(10)
    assert len(list(sealing.seal(patience=0.2))) == 1
    may_end.set()
    thread.join(20)
