"""PostgreSQL ends without a word to anybody, and recovers from its log when it starts again."""

from __future__ import annotations

import time
from collections.abc import Callable

from reliability.chaos.site import Site

DOWN = 1.0
UP = 2.0
"""Seconds. It is the moment of the end that matters, so there are many."""


class PostgresStopped:
    """``pg_ctl -m immediate stop``: its processes are told to end at once."""

    name = "PostgreSQL is stopped at once, again and again"

    def __call__(self, site: Site) -> None:
        _again_and_again(site, lambda: site.postgres.stop(immediate=True))


class PostgresKilled:
    """``kill -9`` of the first of its processes: the others find out by themselves."""

    name = "PostgreSQL is killed, again and again"

    def __call__(self, site: Site) -> None:
        _again_and_again(site, site.postgres.kill)


def _again_and_again(site: Site, end: Callable[[], None]) -> None:
    until = time.monotonic() + site.seconds
    while time.monotonic() < until:
        end()
        site.settle(DOWN)
        site.postgres.start()
        site.settle(UP)
