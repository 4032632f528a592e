"""An app server of the site, with what is done to it, and its first words to the database."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass

import httpx
import psutil

from tests.support.servers import LiveServer

_TWO_BACKENDS = """
import json
from lingauth.services import backends, policy
from lingauth.services.context import Actor

keys, actor = {}, Actor.system("chaos")
for ref in ("shop", "bank"):
    made = backends.create_backend(ref=ref, name=ref, auto_confirm=True, actor=actor)
    policy.change(backend_id=made.backend.pk, changes={"mfa_mode": "required"}, actor=actor)
    keys[ref] = made.anon_key
print(json.dumps(keys))
"""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A backend that requires a second step."""

    ref: str
    anon_key: str


class Node(LiveServer):
    """It comes back at the port it had."""

    def migrate(self, *, to: str | None = None) -> None:
        """As far as that migration of the product's, or all the way."""
        self.manage("migrate", "--verbosity", "0")
        if to is not None:
            self.manage("migrate", "lingauth", to, "--verbosity", "0")

    def is_migrated(self) -> None:
        """No start is to do it."""
        self._migrated = True

    def make_backends(self) -> list[Tenant]:
        made = json.loads(self.manage("shell", "--no-imports", "-c", _TWO_BACKENDS))
        return [Tenant(ref, key) for ref, key in made.items()]

    def start(self) -> None:
        self.__enter__()

    def restart(self) -> None:
        """In an orderly way."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """``kill -9`` of all its processes."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)
        self._process = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def has_ended(self) -> bool:
        """By itself."""
        return self._process is not None and self._process.poll() is not None

    @property
    def is_ready(self) -> bool:
        """Whether it reaches its database, as it says itself."""
        try:
            answer = httpx.get(f"{self.url}/readyz", timeout=5)
        except httpx.TransportError:
            return False
        return bool(answer.json()["checks"]["database"] == "ok")

    def worker_pids(self) -> list[int]:
        """Those that serve, the oldest first."""
        return [child.pid for child in psutil.Process(self.pid).children()]
