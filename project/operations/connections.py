"""Connections that the database ended while nobody used them, as it does when it restarts."""

from __future__ import annotations

import select
from typing import Any

from django.db import connections


def drop_ended(**_: Any) -> None:
    """Close them, so that the request that begins here opens a new one and learns of nothing.

    Each thread keeps its connection, and would find out by a request that fails. Nothing is asked:
    what there is to read on a connection that waits for no answer is that it has ended. (Or that
    a setting was changed there. A new connection knows that too.)
    """
    for database in connections.all(initialized_only=True):
        kept = database.connection
        if database.vendor != "postgresql" or kept is None or database.in_atomic_block:
            continue
        if kept.closed or _has_something_to_read(kept.fileno()):
            database.close()


def _has_something_to_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
