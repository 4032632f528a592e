"""Up to which id the events are settled: none with a smaller one is still to come.

Ids are given out when a row is written, and rows are seen when their transaction ends. A seal over
the ids seen so far could be one over a gap, in which a row appears a moment later, as a forged one
would.
"""

from __future__ import annotations

import time

from django.db import DEFAULT_DB_ALIAS, connections

from lingauth.core.errors import Unavailable
from lingauth.models import Event

_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid IS DISTINCT FROM pg_backend_pid()
"""
_PAUSE = 0.05


def newest(*, patience: float) -> int:
    """The newest id of which all before it are settled; 0 if there is none.

    On PostgreSQL a transaction holds a lock on the table from before it takes an id until it can be
    seen. So once those that held one after the newest row was read are over, all ids up to that
    row's are settled. It waits that long, and raises Unavailable after ``patience`` seconds. SQLite
    lets one transaction write at a time.
    """
    last = last_id()
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return last
    until = time.monotonic() + patience
    writing = _writers()
    while writing:
        if time.monotonic() > until:
            raise Unavailable(
                f"A transaction that writes events has been open for {patience:g} seconds, so "
                "nothing was sealed. It will be when that is over."
            )
        time.sleep(_PAUSE)
        writing &= _writers()
    return last


def last_id() -> int:
    """The id of the newest event that can be seen; 0 if there is none."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _writers() -> set[str]:
    """The transactions of others that may have taken an id."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_WRITERS, [Event._meta.db_table])
        return {row[0] for row in cursor.fetchall()}
