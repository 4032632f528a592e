"""What a call leaves is undone, so that no call meets what another left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is rolled back, be it a lock or the end of a session. Marked as a test's
    own, which ``durable`` transactions may be in."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's TestCase does
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def connected() -> Iterator[None]:
    """A request's end closes no connection, as in Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
