"""Mail that waits: what is stored, who sends it, and what happens when that fails.

Long, because it is the whole life of one job.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event as Signal
from threading import active_count
from typing import Any

import pytest
import time_machine
from django.core.signals import request_started
from django.db import connection, transaction
from django.utils import translation
from pytest_django import Settings

from lingauth.core import clock
from lingauth.models import Backend, Event, MailJob
from lingauth.services import outbox
from lingauth.services.backends import NewBackend
from lingauth.services.postman import Postman

pytestmark = pytest.mark.django_db
KIND = "test"


class Desk:
    """A handler that notes what it was given, and fails while told to."""

    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []
        self.tried = 0
        self.error: Exception | None = None

    def __call__(self, backend: Backend, payload: dict[str, Any]) -> None:
        self.tried += 1
        if self.error is not None:
            raise self.error
        self.done.append(payload)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    outbox.handler(KIND)(desk)
    yield desk
    del outbox._handlers[KIND]


@pytest.fixture
def backend(made: NewBackend) -> Backend:
    return made.backend


@pytest.fixture
def delivery(settings: Settings) -> Callable[[str], None]:
    def choose(way: str) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": way}

    return choose


@pytest.fixture
def queued(backend: Backend, desk: Desk, delivery: Callable[[str], None]) -> MailJob:
    """One job that nobody has looked at."""
    delivery("queue")
    outbox.put(backend=backend, kind=KIND, payload={"code": "482913"})
    return MailJob.objects.get()


def test_a_job_that_was_done_leaves_no_row(backend: Backend, desk: Desk) -> None:
    outbox.put(backend=backend, kind=KIND, payload={"code": "482913"})
    assert desk.done == [{"code": "482913"}]
    assert not MailJob.objects.exists()


def test_what_waits_cannot_be_read(queued: MailJob) -> None:
    assert b"482913" not in bytes(queued.payload)


@pytest.mark.parametrize("column", ["kind", "backend"])
def test_a_payload_moved_to_another_row_is_not_opened(
    queued: MailJob, desk: Desk, column: str
) -> None:
    outbox.handler("other")(desk)
    other = Backend.objects.create(ref="other", name="Other")
    MailJob.objects.update(**{column: {"kind": "other", "backend": other}[column]})
    assert outbox.drain() == 0
    del outbox._handlers["other"]
    assert desk.tried == 0


def test_only_the_queue_waits_for_the_command(queued: MailJob, desk: Desk) -> None:
    assert desk.done == []
    assert outbox.drain() == 1
    assert desk.done == [{"code": "482913"}]


def test_a_job_is_written_in_the_language_of_its_request(
    backend: Backend, delivery: Callable[[str], None]
) -> None:
    spoken: list[str | None] = []
    outbox.handler(KIND)(lambda backend, payload: spoken.append(translation.get_language()))
    delivery("queue")
    with translation.override("de"):
        outbox.put(backend=backend, kind=KIND, payload={})
    outbox.drain()
    del outbox._handlers[KIND]
    assert spoken == ["de"]


def test_a_failure_is_tried_again_ever_later_and_then_given_up(
    queued: MailJob, desk: Desk, backend: Backend
) -> None:
    desk.error = ConnectionRefusedError(111, "no")
    start = clock.now()
    with time_machine.travel(start, tick=False) as clock_:
        for wait in outbox.WAITS:
            assert outbox.drain() == 0
            clock_.shift(wait - timedelta(seconds=1))
            before = desk.tried
            outbox.drain()
            assert desk.tried == before
            clock_.shift(timedelta(seconds=1))
        assert desk.tried == len(outbox.WAITS)
        assert not Event.objects.filter(kind="mail_failed").exists()
        outbox.drain()
        clock_.shift(timedelta(days=7))
        outbox.drain()
    assert desk.tried == outbox.MAX_TRIES == 8
    assert MailJob.objects.get().failed_at is not None
    event = Event.objects.get(kind="mail_failed")
    assert event.backend_id == backend.pk
    assert event.data == {"mail": KIND, "tries": 8, "trouble": "ConnectionRefusedError"}


def test_what_works_again_is_sent(queued: MailJob, desk: Desk) -> None:
    desk.error = OSError()
    outbox.drain()
    desk.error = None
    with time_machine.travel(clock.now() + outbox.WAITS[0]):
        assert outbox.drain() == 1
    assert desk.done == [{"code": "482913"}]


def test_a_job_that_fails_does_not_hold_up_the_next(
    queued: MailJob, desk: Desk, backend: Backend
) -> None:
    outbox.put(backend=backend, kind="nobody knows this", payload={})
    outbox.put(backend=backend, kind=KIND, payload={"second": True})
    assert outbox.drain() == 2
    assert MailJob.objects.get().kind == "nobody knows this"


def test_a_job_that_somebody_took_is_left_to_them(queued: MailJob, desk: Desk) -> None:
    assert MailJob.objects.take(queued, now=clock.now())
    assert outbox.drain() == 0
    assert not MailJob.objects.take(queued, now=clock.now())


def test_a_job_whose_taker_died_is_taken_again(queued: MailJob, desk: Desk) -> None:
    MailJob.objects.take(queued, now=clock.now())
    with time_machine.travel(clock.now() + timedelta(minutes=2, seconds=1)):
        assert outbox.drain() == 1


def test_a_job_that_kills_every_taker_is_given_up(queued: MailJob, desk: Desk) -> None:
    MailJob.objects.update(tries=outbox.MAX_TRIES)
    outbox.drain()
    assert desk.tried == 0
    assert MailJob.objects.get().failed_at is not None


def test_whoever_took_too_long_changes_nothing(queued: MailJob) -> None:
    """Somebody else has the job by then."""
    slow = MailJob.objects.get()
    MailJob.objects.take(queued, now=clock.now())
    slow.tries = 1
    MailJob.objects.update(tries=2)
    assert not MailJob.objects.finish(slow)
    assert not MailJob.objects.put_off(slow, due_at=clock.now())
    assert not MailJob.objects.give_up(slow, now=clock.now())
    assert MailJob.objects.filter(failed_at=None, tries=2).exists()


def test_a_limit_stops_after_that_many(queued: MailJob, desk: Desk, backend: Backend) -> None:
    outbox.put(backend=backend, kind=KIND, payload={})
    assert outbox.drain(1) == 1
    assert outbox.look().waiting == 1


@pytest.mark.parametrize("error", [OSError(5, "to 482913"), ValueError("482913")])
def test_the_log_has_nothing_of_the_mail(
    queued: MailJob, desk: Desk, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    desk.error = error
    with caplog.at_level(logging.DEBUG):
        outbox.drain()
    assert type(error).__name__ in caplog.text
    assert "482913" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_mail_with_it(backend: Backend, desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.put(backend=backend, kind=KIND, payload={})
        raise ZeroDivisionError
    assert outbox.look().waiting == 0
    assert desk.tried == 0


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_before_the_commit(backend: Backend, desk: Desk) -> None:
    with transaction.atomic():
        outbox.put(backend=backend, kind=KIND, payload={})
        assert desk.tried == 0
    assert desk.tried == 1


@pytest.mark.django_db(transaction=True)
def test_in_the_background_a_thread_sends_after_the_commit_and_ends(
    backend: Backend, desk: Desk, delivery: Callable[[str], None]
) -> None:
    delivery("background")
    with transaction.atomic():
        outbox.put(backend=backend, kind=KIND, payload={"n": 1})
        assert is_over(outbox._postman)
    outbox.put(backend=backend, kind=KIND, payload={"n": 2})
    until(lambda: is_over(outbox._postman))
    assert desk.done == [{"n": 1}, {"n": 2}]
    assert connection.connection is not None  # this thread's own was left alone


def test_a_test_run_of_a_host_has_no_thread(
    backend: Backend, desk: Desk, delivery: Callable[[str], None], settings: Settings
) -> None:
    delivery("background")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    outbox.put(backend=backend, kind=KIND, payload={"n": 1})
    assert desk.done == [{"n": 1}]
    assert is_over(outbox._postman)


@pytest.mark.parametrize(("way", "calls"), [("background", 1), ("queue", 0), ("inline", 0)])
def test_the_first_request_sends_what_was_left_behind(
    delivery: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, way: str, calls: int
) -> None:
    called: list[int] = []
    monkeypatch.setattr(outbox._postman, "call", lambda: called.append(1))
    delivery(way)
    outbox.begin_with_the_first_request()
    request_started.send(sender=None)
    request_started.send(sender=None)
    assert len(called) == calls


def test_a_postman_is_one_thread_that_goes_round_again_when_called() -> None:
    go_on, rounds = Signal(), []

    def round_() -> None:
        rounds.append(active_count())
        go_on.wait(5)

    postman = Postman(round_)
    threads = active_count()
    for _ in range(20):
        postman.call()
    until(lambda: len(rounds) == 1)
    assert active_count() == threads + 1
    go_on.set()
    until(lambda: is_over(postman))
    # Calls during a round are answered by one more: what they left may have come after its look.
    assert len(rounds) in (1, 2)
    postman.call()
    until(lambda: is_over(postman))
    assert len(rounds) >= 2


def test_a_postman_outlives_a_broken_round(caplog: pytest.LogCaptureFixture) -> None:
    rounds: list[int] = []

    def round_() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise ZeroDivisionError

    postman = Postman(round_)
    postman.call()
    until(lambda: "ZeroDivisionError" in caplog.text)
    postman.call()
    until(lambda: len(rounds) == 2)


def test_the_end_of_a_process_waits_for_the_mail_on_its_way() -> None:
    begun, done = Signal(), []

    def round_() -> None:
        begun.set()
        time.sleep(0.2)
        done.append(1)

    postman = Postman(round_)
    postman.call()
    assert begun.wait(5)
    postman.close()
    assert done == [1]


def is_over(postman: Postman) -> bool:
    return postman._thread is None


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
