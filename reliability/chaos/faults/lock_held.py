"""Somebody else writes to the SQLite file, and takes long."""

from __future__ import annotations

import time

from reliability.chaos.site import Site

HELD = 3.0
FREE = 1.0
TOO_LONG = 22.0
"""Seconds. For 20 the product waits; after that it answers 503."""


class LockHeld:
    """Several times for a while, and once for too long."""

    name = "SQLite: somebody holds the lock to write"

    def __call__(self, site: Site) -> None:
        end = time.monotonic() + site.seconds
        while time.monotonic() < end:
            self._hold(site, HELD)
        self._hold(site, TOO_LONG)

    def _hold(self, site: Site, seconds: float) -> None:
        with site.sqlite.locked():
            site.settle(seconds)
        site.settle(FREE)
