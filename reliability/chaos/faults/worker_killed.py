"""A worker that the system ends at once, as it does when memory is short."""

from __future__ import annotations

import os
import random
import signal
import time

from reliability.chaos.site import Site

PAUSE = 1.5
"""Seconds between two of them."""


class WorkerKilled:
    name = "A worker is killed, again and again"

    def __call__(self, site: Site) -> None:
        site.excuse.add("half_sent")
        end = time.monotonic() + site.seconds
        while time.monotonic() < end:
            node = random.choice(site.nodes)
            if node.is_running and (pids := node.worker_pids()):
                os.kill(random.choice(pids), signal.SIGKILL)
            site.settle(PAUSE)
