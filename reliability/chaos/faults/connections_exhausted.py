"""Somebody else takes every connection that PostgreSQL has left, and those that become free."""

from __future__ import annotations

import time
from contextlib import ExitStack

import psycopg

from reliability.chaos.site import Site


class ConnectionsExhausted:
    """The app keeps what it has; so some of what it has is ended while others wait for it."""

    name = "Every connection to PostgreSQL is taken"

    def __call__(self, site: Site) -> None:
        end = time.monotonic() + site.seconds
        with ExitStack() as taken:
            while time.monotonic() < end:
                self._take_all(site, taken)
                self._end_one_of_theirs(site)

    def _take_all(self, site: Site, taken: ExitStack) -> None:
        while True:
            try:
                taken.enter_context(site.postgres.connect())
            except psycopg.OperationalError:
                return

    def _end_one_of_theirs(self, site: Site) -> None:
        """Whoever of the app asked last; it finds no other connection as long as this lasts."""
        with site.postgres.connect("postgres") as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename = 'lingauth' AND query <> '' "  # ours ask nothing
                "ORDER BY state_change DESC LIMIT 1"
            )
        site.settle(0.1)
