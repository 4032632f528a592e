"""PostgreSQL has no room left to write."""

from __future__ import annotations

import time

import psycopg

from reliability.chaos.not_allowed import NotAllowed
from reliability.chaos.site import Site

MESSAGE = 500_000
"""Bytes in the log for each commit of ours: it is used up soon, however much was set aside."""
PAUSE = 0.2
GIVE_UP = 60.0


class DiskFull:
    """A file takes all the room there is. For a while PostgreSQL goes on: what its log has set
    aside is still there, and only tables that have to grow are refused. Then the log is used up
    too, a commit cannot be written, and PostgreSQL ends itself (PANIC) and fails to recover for as
    long as there is no room. When there is, it recovers, or is started again by whoever looks after
    it.

    Meanwhile all that writes is answered 503 with ``Retry-After``; afterwards nothing that somebody
    was told is lost, and nothing is half done.
    """

    name = "PostgreSQL's disk is full"

    def __call__(self, site: Site) -> None:
        if site.disk is None:
            raise NotAllowed(site.why_no_disk)
        end = time.monotonic() + site.seconds
        refused = 0
        try:
            site.disk.fill()
            site.settle(site.seconds / 3)
            while time.monotonic() < end:
                site.disk.fill()  # what PostgreSQL gave back meanwhile
                refused += not _commits(site)
                site.settle(PAUSE)
        finally:
            site.disk.free()
            _bring_back(site)
        assert refused, "PostgreSQL found room for all the time."


def _commits(site: Site) -> bool:
    try:
        with site.postgres.connect("postgres") as connection:
            message = (MESSAGE,)
            connection.execute(
                "SELECT pg_logical_emit_message(true, 'chaos', repeat('x', %s))", message
            )
    except psycopg.Error:
        return False
    return True


def _bring_back(site: Site) -> None:
    """As the system's supervisor does: it is started when it has ended, and only then."""
    end = time.monotonic() + GIVE_UP
    while not _commits(site):
        assert time.monotonic() < end, "PostgreSQL did not come back."
        if not site.postgres.is_running:
            site.postgres.start()
        time.sleep(PAUSE)
