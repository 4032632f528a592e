"""PostgreSQL ends without a word to anybody, and recovers from its log when it starts again."""

from __future__ import annotations

from reliability.chaos.site import Site

TIMES = 2


class PostgresStopped:
    """``pg_ctl -m immediate stop``: its processes are told to end at once."""

    name = "PostgreSQL is stopped at once"

    def __call__(self, site: Site) -> None:
        for _ in range(TIMES):
            site.postgres.stop(immediate=True)
            site.settle(site.seconds / TIMES / 2)
            site.postgres.start()
            site.settle(site.seconds / TIMES / 2)


class PostgresKilled:
    """``kill -9`` of the first of its processes: the others find out by themselves."""

    name = "PostgreSQL is killed"

    def __call__(self, site: Site) -> None:
        for _ in range(TIMES):
            site.postgres.kill()
            site.settle(site.seconds / TIMES / 2)
            site.postgres.start()
            site.settle(site.seconds / TIMES / 2)
