"""Somebody else writes to the SQLite file, and takes long."""

from __future__ import annotations

import time

from reliability.chaos.site import Site

HELD = 3.0
FREE = 1.0
"""Seconds."""


class LockHeld:
    name = "SQLite: somebody holds the lock to write"

    def __call__(self, site: Site) -> None:
        end = time.monotonic() + site.seconds
        while time.monotonic() < end:
            with site.sqlite.locked():
                site.settle(HELD)
            site.settle(FREE)
