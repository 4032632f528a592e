"""Nodes restart in turn, as docs/deploy.md has it, while everything about them is changed."""

from __future__ import annotations

import secrets

from reliability.chaos.node import Node
from reliability.chaos.not_allowed import NotAllowed
from reliability.chaos.site import Site

DRAIN = 3.0
"""Seconds for what is under way at a node that is asked nothing more. The page waits for as long as
nginx does; here nobody asks for anything that takes longer."""
TRIES = 5


class RollingRestart:
    """Twice each node is taken out of nginx, stopped, started and put back. The first restart
    brings a new root secret to read with, the second makes it the one to write with, so that nodes
    of different steps are in use together. Between the first two, with both in use, every backend's
    signing key is rotated, to sign at once, and the migrations that are still to come are applied.
    In the end what is encrypted is sealed anew.

    Nobody may notice. nginx closes idle connections when it is reloaded, and browsers connect
    again; beyond that there is no 503, nobody is signed out, and everything signed or sealed before
    is still good. Of a token that is answered again only the spelling may be another.
    """

    name = "A rolling restart, with new keys, a new secret and a migration"

    def __call__(self, site: Site) -> None:
        if site.proxy is None:
            raise NotAllowed("Nodes are taken out of nginx, and this run has none.")
        before = len(site.proxy.log())
        site.excuse.add("reloads")
        old = site.nodes[0].environment["LINGAUTH_SECRET_KEY"]
        new = secrets.token_urlsafe(48)
        one, two = site.nodes
        _replace(site, one, old, new)
        for ref in site.refs:
            one.manage("rotate_keys", ref, "--now")
        _migrate(one)
        _replace(site, two, old, new)
        for node in (one, two):
            _replace(site, node, new, old)
        one.manage("reseal")
        noticed = [line for line in site.proxy.log()[before:] if line.split()[4] == "503"]
        assert not noticed, f"{len(noticed)} requests were answered 503: {noticed[:3]}"


def _replace(site: Site, node: Node, secret: str, fallback: str) -> None:
    port, nginx = site.wires[site.nodes.index(node)].port, site.proxy
    assert nginx is not None
    nginx.take_out(port)
    try:
        site.settle(DRAIN)
        node.stop()
        node.environment["LINGAUTH_SECRET_KEY"] = secret
        node.environment["LINGAUTH_SECRET_KEY_FALLBACKS"] = fallback
        node.start()
    finally:
        nginx.put_back(port)


def _migrate(node: Node) -> None:
    """Beside traffic a migration may give up waiting for a lock. Then it is run again."""
    for tries in range(TRIES, 0, -1):
        try:
            return node.migrate()
        except RuntimeError:
            if tries == 1:
                raise
