"""The site as the page *Deploy* has it: nginx, the app, and workers apart for what hashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.nginx import NAME, Nginx
from tests.support.servers import LiveServer

ENVIRONMENT = {
    "LINGAUTH_SITE_URL": f"https://{NAME}",
    "LINGAUTH_ALLOWED_HOSTS": f"{NAME},127.0.0.1",
    "LINGAUTH_TRUSTED_PROXIES": "1",
    "LINGAUTH_MAIL_DELIVERY": "queue",
}


@dataclass
class Site:
    nginx: Nginx
    app: LiveServer
    hashing: LiveServer
    anon_key: str

    def came_to(self) -> list[str]:
        """Where each request went: ``app``, ``hashing``, or ``-`` if nginx answered it."""
        names = {f"127.0.0.1:{self.app.port}": "app", f"127.0.0.1:{self.hashing.port}": "hashing"}
        return [names.get(line.split()[-2], "-") for line in self.nginx.log()]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Site]:
    """Started once; the backend is ``shop``."""
    directory = tmp_path_factory.mktemp("site")
    with ExitStack() as running:
        app = LiveServer(directory / "app", prepared=prepared, environment=ENVIRONMENT)
        hashing = LiveServer(
            directory / "hashing", app.database_url, prepared=prepared, environment=ENVIRONMENT
        )
        running.enter_context(app)
        running.enter_context(hashing)
        made = app.manage("create_backend", "shop", "--name", "Shop", "--auto-confirm", "--json")
        nginx = Nginx(directory / "nginx", app=app.port, hashing=hashing.port, static=app.directory)
        running.enter_context(nginx)
        yield Site(nginx, app, hashing, json.loads(made)["anon_key"])
