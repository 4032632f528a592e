"""What is told of a job: its row, its outcome, the event of one given up, the lines of the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from smtplib import SMTPResponseException
from typing import Any

import pytest
import time_machine
from django.db import transaction
from pytest_django import Settings

from lingauth.models import Backend, MailJob
from lingauth.models.mail_job import MailJobQuerySet
from lingauth.services import outbox
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor, ClientInfo
from lingauth.signals import mail_tried
from tests.support import acts, jobs
from tests.support.noon import NOON, after

pytestmark = pytest.mark.django_db
KIND = "test"


class Desk:
    """A handler that fails while told to."""

    error: Exception | None = None
    backend: Backend | None = None

    def __call__(self, backend: Backend, payload: dict[str, Any]) -> None:
        self.backend = backend
        if self.error is not None:
            raise self.error


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    assert outbox.handler(KIND)(desk) == desk
    yield desk
    del outbox._handlers[KIND]


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller, settings: Settings) -> Backend:
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    return made.backend


@pytest.fixture
def job(backend: Backend, desk: Desk) -> MailJob:
    outbox.put(backend=backend, kind=KIND, payload={"code": "482913"})
    return MailJob.objects.get()


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What the receivers of ``mail_tried`` hear."""
    heard: list[dict[str, Any]] = []

    def hear(*, signal: object, **given: Any) -> None:
        heard.append(given)

    mail_tried.connect(hear, weak=False)
    yield heard
    mail_tried.disconnect(hear)


def outcome(name: str) -> dict[str, Any]:
    return {"sender": MailJob, "kind": KIND, "outcome": name}


Heard = list[dict[str, Any]]


def test_a_job_waits_as_a_row_and_its_payload_as_it_was(backend: Backend, job: MailJob) -> None:
    assert MailJob.objects.values().get() == {
        "id": job.pk,
        "backend_id": backend.pk,
        "kind": KIND,
        "payload": job.payload,
        "created_at": NOON,
        "due_at": NOON,
        "tries": 0,
        "taken_until": None,
        "failed_at": None,
    }
    assert jobs.opened(job) == {"language": "en", "payload": {"code": "482913"}}


def test_what_was_sent_is_told(job: MailJob, desk: Desk, told: Heard) -> None:
    assert outbox.drain() == 1
    assert desk.backend == job.backend
    assert told == [outcome("sent")]


def test_what_is_put_off_is_told(job: MailJob, desk: Desk, told: Heard) -> None:
    desk.error = OSError()
    assert outbox.drain() == 0
    assert told == [outcome("put_off")]
    job.refresh_from_db()
    assert (job.tries, job.due_at, job.taken_until) == (1, after(10), None)


@pytest.mark.parametrize(
    ("tries", "wait"),
    [(0, 10), (1, 60), (2, 300), (3, 1800), (4, 7200), (5, 6 * 3600), (6, 12 * 3600)],
)
def test_it_waits_longer_after_each_try(job: MailJob, desk: Desk, tries: int, wait: int) -> None:
    MailJob.objects.update(tries=tries)
    desk.error = OSError()
    outbox.drain()
    assert MailJob.objects.get().due_at == after(wait)


def given_up(backend: Backend, trouble: str, tries: int) -> dict[str, Any]:
    return acts.event(
        "mail_failed",
        backend=backend,
        client=ClientInfo(),
        actor=Actor.system("mail"),
        result="refused",
        mail=KIND,
        tries=tries,
        trouble=trouble,
    )


def test_what_is_given_up_is_told_and_written_down(
    backend: Backend, job: MailJob, desk: Desk, told: Heard
) -> None:
    MailJob.objects.update(tries=7)
    desk.error = ValueError()
    assert outbox.drain() == 0
    assert told == [outcome("given_up")]
    assert acts.written()[-1] == given_up(backend, "ValueError", 8)
    job.refresh_from_db()
    assert (job.tries, job.failed_at, job.taken_until) == (8, NOON, None)
    assert outbox.look() == outbox.Waiting(waiting=0, next_due=None, failed=1)


def test_one_whose_every_taker_died_says_so(backend: Backend, job: MailJob, told: Heard) -> None:
    MailJob.objects.update(tries=8)
    assert outbox.drain() == 0
    assert told == [outcome("given_up")]
    assert acts.written()[-1] == given_up(backend, "process died", 9)


def test_what_another_has_by_now_is_not_given_up_here(
    backend: Backend, job: MailJob, told: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    MailJob.objects.update(tries=8)
    monkeypatch.setattr(MailJobQuerySet, "give_up", lambda *given, **more: False)
    events = len(acts.written())
    outbox.drain()
    assert (told, len(acts.written())) == ([], events)


def test_giving_up_is_committed_at_once(job: MailJob) -> None:
    job.tries = 8
    with pytest.raises(RuntimeError), transaction.atomic():
        outbox._failed(job, "trouble")


def logged(caplog: pytest.LogCaptureFixture, desk: Desk, error: Exception) -> logging.LogRecord:
    desk.error = error
    with caplog.at_level(logging.DEBUG, logger="lingauth.mail"):
        outbox.drain()
    [record] = caplog.records
    return record


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(5, "to 482913"), "OSError 5"),
        (SMTPResponseException(550, b"482913"), "SMTPResponseException 550"),
        (TimeoutError(), "TimeoutError None"),
    ],
)
def test_trouble_with_mail_is_a_line_with_its_number(
    job: MailJob, desk: Desk, caplog: pytest.LogCaptureFixture, error: Exception, words: str
) -> None:
    record = logged(caplog, desk, error)
    assert (record.levelname, record.name) == ("WARNING", "lingauth.mail")
    assert record.getMessage() == f"A mail could not be sent (try 1): {words}"
    assert {name: record.__dict__[name] for name in ("kind", "job", "tries")} == {
        "kind": KIND,
        "job": job.pk,
        "tries": 1,
    }


def test_a_mistake_is_a_line_with_its_stack(
    job: MailJob, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    record = logged(caplog, desk, ValueError("482913"))
    assert record.levelname == "ERROR"
    first, second, *stack = record.getMessage().split("\n")
    assert first == "A mail could not be written (test): ValueError"
    assert second.startswith('  File "')
    assert any("raise self.error" in line for line in stack)
    assert "XX" not in "".join(stack)
    assert (record.__dict__["kind"], record.__dict__["tries"]) == (KIND, 1)


def test_a_round_says_when_the_next_is_due(backend: Backend, job: MailJob) -> None:
    outbox.put(backend=backend, kind=KIND, payload={})
    later = after(180)
    MailJob.objects.filter(pk=job.pk).update(due_at=later)
    assert outbox.look() == outbox.Waiting(waiting=2, next_due=NOON, failed=0)
    assert outbox._round() == later
    assert MailJob.objects.get() == job


def test_a_round_is_left_when_it_is_told_to_stop(backend: Backend, job: MailJob) -> None:
    outbox.put(backend=backend, kind=KIND, payload={})
    answers = iter([False, True])
    assert outbox.drain(stop=lambda: next(answers)) == 1
    assert outbox.look().waiting == 1


def test_more_than_a_batch_is_worked_off(backend: Backend, job: MailJob) -> None:
    for _ in range(24):
        outbox.store(backend=backend, kind=KIND, payload={})
    assert outbox.drain(23) == 23
    assert outbox.drain() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["background", "inline"])
def test_trouble_with_the_delivery_is_not_the_callers(
    backend: Backend, settings: Settings, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """What they did is committed."""

    def breaks() -> None:
        raise ZeroDivisionError

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": way}
    monkeypatch.setattr(outbox, "drain", breaks)
    monkeypatch.setattr(outbox._postman, "call", breaks)
    with transaction.atomic():
        outbox.put(backend=backend, kind=KIND, payload={})
    assert outbox.look().waiting == 1
