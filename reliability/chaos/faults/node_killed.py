"""A whole node that is gone from one moment to the next, and comes back."""

from __future__ import annotations

from reliability.chaos.site import Site

DOWN = 3.0
"""Seconds."""


class NodeKilled:
    name = "A node is killed, and comes back"

    def __call__(self, site: Site) -> None:
        site.excuse.add("half_sent")
        for node in site.nodes:
            node.kill()
            site.settle(DOWN)
            node.start()
            site.settle(site.seconds / len(site.nodes))
