"""Mail that waits in the database until it was sent, so that no request waits for a mail server.

A job is delivered at least once: if a process dies between the mail server's yes and its own note
of it, the mail goes out again. While the process lives, no other sends the same job.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings as django_settings
from django.core.signals import request_started
from django.db import transaction
from django.utils import translation

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.models import Backend, MailJob
from lingauth.services import events
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.postman import Postman
from lingauth.signals import mail_tried

log = logging.getLogger("lingauth.mail")

Handler = Callable[[Backend, dict[str, Any]], None]

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 6 * 3600, 12 * 3600)
)
"""How long a mail waits after each try that failed, 20 hours and 36 minutes in all."""
MAX_TRIES = len(WAITS) + 1
_PURPOSE = "mail job"
_BATCH = 20
_IN_MEMORY = "django.core.mail.backends.locmem.EmailBackend"
"""What Django's test runners set."""
_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does the work of a kind.

    It raises OSError for mail trouble, and is then called again later; so it is for every other
    exception, which is a mistake and is logged as one.
    """

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def put(*, backend: Backend, kind: str, payload: Mapping[str, Any]) -> None:
    """Store a job, in the caller's transaction if there is one, and have it delivered after commit.

    ``payload`` is anything that JSON can hold; it is encrypted, and bound to backend and kind.
    The mail will be written in the language that is active now.
    """
    store(backend=backend, kind=kind, payload=payload)
    deliver()


def store(*, backend: Backend, kind: str, payload: Mapping[str, Any]) -> None:
    """The first half of ``put``: one INSERT. Call ``deliver`` when it is committed."""
    plain = json.dumps({"language": translation.get_language(), "payload": dict(payload)})
    sealed = settings.keychain.encrypt(_PURPOSE, plain.encode(), bound_to=_bound(backend.pk, kind))
    MailJob(backend=backend, kind=kind, payload=sealed).save(force_insert=True)


def deliver() -> None:
    """Have what is stored delivered, as ``MAIL_DELIVERY`` says; within a transaction, after it."""
    if (way := delivery()) == "background":
        transaction.on_commit(_postman.call, robust=True)
    elif way == "inline":
        _deliver_in_this_call()


def drain(limit: int | None = None, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Work off what is due, at most ``limit`` jobs. Says how many were sent.

    ``stop`` is asked before each job whether to leave the rest. Any number of processes may do
    this at once: each job is taken by one of them.
    """
    worked = sent = 0
    while jobs := list(MailJob.objects.due(clock.now()).select_related("backend")[:_BATCH]):
        for job in jobs:
            if (limit is not None and worked >= limit) or stop():
                return sent
            if MailJob.objects.take(job, now=clock.now()):
                job.tries += 1
                worked += 1
                sent += _work(job)
    return sent


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs wait, when the next is due, and how many were given up."""

    waiting: int
    next_due: datetime | None
    failed: int


def look() -> Waiting:
    """The state of the outbox."""
    return Waiting(
        waiting=MailJob.objects.waiting().count(),
        next_due=MailJob.objects.next_due(),
        failed=MailJob.objects.exclude(failed_at=None).count(),
    )


def delivery() -> str:
    """``MAIL_DELIVERY``, but in a test run: mail that stays in this process's memory is for tests,
    which look for it in their next line, and whose database is no place for another thread."""
    way = settings.MAIL_DELIVERY
    if way == "background" and django_settings.EMAIL_BACKEND == _IN_MEMORY:
        return "inline"
    return way


def begin_with_the_first_request() -> None:
    """Send what an earlier process left behind as soon as this one turns out to be a server."""
    request_started.connect(_at_first_request, dispatch_uid="lingauth.outbox")


def _at_first_request(**_: object) -> None:
    request_started.disconnect(dispatch_uid="lingauth.outbox")
    if delivery() == "background":
        _postman.call()


def _deliver_in_this_call() -> None:
    """At once, or after the caller's commit: a handler has transactions of its own."""
    blocks = transaction.get_connection().atomic_blocks
    # Django's TestCase wraps each test, and never commits.
    if all(block._from_testcase for block in blocks):
        drain()
    else:
        transaction.on_commit(drain, robust=True)


def _round() -> datetime | None:
    drain()
    return MailJob.objects.next_due()


def _work(job: MailJob) -> bool:
    """Do the job. Whatever goes wrong is about this job alone."""
    if job.tries > MAX_TRIES:  # whoever tried it died of it, each time
        return _failed(job, "process died")
    try:
        bound = _bound(job.backend_id, job.kind)
        plain = settings.keychain.decrypt(_PURPOSE, bytes(job.payload), bound_to=bound)
        envelope = json.loads(plain)
        with translation.override(envelope["language"]):
            _handlers[job.kind](job.backend, envelope["payload"])
    except Exception as error:
        _log(job, error)
        return _failed(job, type(error).__name__)
    MailJob.objects.finish(job)
    _tell(job, "sent")
    return True


def _failed(job: MailJob, trouble: str) -> bool:
    now = clock.now()
    if job.tries < MAX_TRIES:
        MailJob.objects.put_off(job, due_at=now + WAITS[job.tries - 1])
        _tell(job, "put_off")
        return False
    with transaction.atomic(durable=True):
        if given_up := MailJob.objects.give_up(job, now=now):
            events.record(
                Kind.MAIL_FAILED,
                backend_id=job.backend_id,
                client=ClientInfo(),
                actor=Actor.system("mail"),
                result="refused",
                data={"mail": job.kind, "tries": job.tries, "trouble": trouble},
            )
    if given_up:
        _tell(job, "given_up")
    return False


def _tell(job: MailJob, outcome: str) -> None:
    mail_tried.send_robust(sender=MailJob, kind=job.kind, outcome=outcome)


def _log(job: MailJob, error: Exception) -> None:
    """Never the error's own words: they may quote the mail, or the values of its template."""
    told = {"kind": job.kind, "job": job.pk, "tries": job.tries}
    name = type(error).__name__
    if isinstance(error, OSError):  # every way in which SMTP and the network fail
        number = getattr(error, "smtp_code", None) or error.errno
        log.warning("A mail could not be sent (try %s): %s %s", job.tries, name, number, extra=told)
    else:
        stack = "".join(traceback.format_tb(error.__traceback__))
        log.error("A mail could not be written (%s): %s\n%s", job.kind, name, stack, extra=told)


def _bound(backend_id: int, kind: str) -> bytes:
    return f"{backend_id}\n{kind}".encode()


_postman = Postman(_round)
