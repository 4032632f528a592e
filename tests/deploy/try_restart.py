"""One node after the other restarts while people use the site. Run by ``make try-deploy``."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import cast

import httpx
from django.test import Client

from tests.concurrency.wire import Wire
from tests.deploy.conftest import ENVIRONMENT
from tests.deploy.nginx import Nginx
from tests.support.app import App
from tests.support.servers import LiveServer, free_port


def test_a_node_that_is_taken_out_first_costs_nobody_anything(
    tmp_path: Path, prepared: Path
) -> None:
    node = LiveServer(tmp_path / "node", prepared=prepared, environment=ENVIRONMENT)
    other = LiveServer(
        tmp_path / "other", node.database_url, prepared=prepared, environment=ENVIRONMENT
    )
    site = Nginx(
        tmp_path / "nginx",
        app=node.port,
        second=other.port,
        hashing=free_port(),
        static=tmp_path,
    )
    made = node.manage("create_backend", "shop", "--name", "Shop", "--auto-confirm", "--json")
    with node, other, site:
        apps = [_signed_up(other, json.loads(made)["anon_key"], site) for _ in range(3)]
        with _used(apps) as answers:
            for stopping in (node, other):
                before = sum(answers.values())
                site.take_out(stopping.port)
                time.sleep(3)  # what was under way; the page waits for as long as nginx does
                stopping.stop()
                stopping.__enter__()
                site.put_back(stopping.port)
                time.sleep(1)
                assert sum(answers.values()) > before
    assert set(answers) == {200}, answers


def _signed_up(server: LiveServer, anon_key: str, site: Nginx) -> App:
    """Signed up at a node; from then on at the site."""
    direct = Wire(server.url)
    direct.http.headers["X-Forwarded-Proto"] = "https"
    app = App("shop", anon_key, http=cast(Client, direct))
    app.sign_up()
    through = Wire(server.url)
    # A reload of nginx closes connections that wait for a next request. Browsers connect again by
    # themselves when they find one closed; this client would not.
    through.http = site.client(limits=httpx.Limits(max_keepalive_connections=0))
    app.http = cast(Client, through)
    return app


@contextmanager
def _used(apps: list[App]) -> Iterator[Counter[int]]:
    """Each refreshes and reads, again and again; how often which status came."""
    answers: Counter[int] = Counter()
    enough = Event()

    def use(app: App) -> None:
        while not enough.is_set():
            refreshed = app.refresh()
            answers[refreshed.status_code] += 1
            if refreshed.status_code == 200:
                app.session = refreshed.json()
            answers[app.auth("GET", "user").status_code] += 1

    with ThreadPoolExecutor(len(apps)) as pool:
        running = [pool.submit(use, app) for app in apps]
        try:
            yield answers
        finally:
            enough.set()
        for one in running:
            one.result()
