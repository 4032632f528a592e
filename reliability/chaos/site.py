"""The site that is struck: nginx, two nodes with two workers each, and one PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psutil

from reliability.chaos.direct import Direct
from reliability.chaos.fake_clock import FakeClock
from reliability.chaos.not_allowed import NotAllowed
from reliability.chaos.postgres import Postgres
from reliability.chaos.small_disk import SmallDisk
from reliability.chaos.wire import Wire
from tests.deploy.nginx import NAME, Nginx
from tests.support.servers import LiveServer, prepare

ENVIRONMENT = {
    "LINGAUTH_SITE_URL": f"https://{NAME}",
    "LINGAUTH_ALLOWED_HOSTS": f"{NAME},127.0.0.1",
    "LINGAUTH_TRUSTED_PROXIES": "1",
    "LINGAUTH_MAIL_DELIVERY": "queue",
}
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
RESTART = 1.0
MEGABYTES = 384
MIGRATION = "0001"
"""Where ``machinery`` begins: the one before the last."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A backend that requires a second step."""

    ref: str
    anon_key: str


class Node(LiveServer):
    """An app server of the site. It comes back at the port it had."""

    def migrate(self, *, to: str | None = None) -> None:
        """As far as that migration of the product's, or all the way."""
        self.manage("migrate", "--verbosity", "0")
        if to is not None:
            self.manage("migrate", "lingauth", to, "--verbosity", "0")

    def is_migrated(self) -> None:
        """No start is to do it."""
        self._migrated = True

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

    def start(self) -> None:
        self.__enter__()

    def restart(self) -> None:
        """In an orderly way."""
        self.stop()
        self.start()

    def worker_pids(self) -> list[int]:
        """Those that serve, the oldest first."""
        return [child.pid for child in psutil.Process(self.pid).children()]


class Site:
    """Use it as a context manager. ``front`` is ``nginx``, with ``deploy/nginx.conf``, or
    ``direct``: clients take the nodes in turns, as behind a balancer that never looks at answers.

    ``seconds`` is how long a fault is to last. ``excuse`` is what a fault excuses while it is in
    it; ``judging.statuses`` says what each allows. With ``machinery`` PostgreSQL writes to a small
    ``disk``, each node has a clock of its own, and the last migration is still to come; where this
    machine allows no such disk or clocks, ``why_no_disk`` and ``why_no_clock`` say so.
    """

    def __init__(
        self,
        directory: Path,
        *,
        front: str = "nginx",
        seconds: float = 10,
        prepared: Path | None = None,
        machinery: bool = False,
    ) -> None:
        self.directory, self.front, self.seconds = directory, front, seconds
        self.prepared, self.machinery = prepared, machinery
        self.excuse: set[str] = set()
        self.disk: SmallDisk | None = None
        self.clocks: list[FakeClock] = []
        self.why_no_disk = self.why_no_clock = "This run is without it."
        self.proxy: Nginx | None = None
        self.wires: list[Wire] = []
        self.nodes: list[Node] = []
        self.backends: list[Tenant] = []
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as running:
            self._start(running)
            self._running = running.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.__exit__(kind, error, trace)

    @property
    def refs(self) -> list[str]:
        return [backend.ref for backend in self.backends]

    def client(self, number: int = 1000) -> httpx.Client:
        """A client of the site. By its number it has an address of its own, below 127/8."""
        source = f"127.1.{number // 250}.{number % 250 + 1}"
        if self.proxy is not None:
            return self.proxy.client(source=source)
        return Direct([wire.port for wire in self.wires]).client(source)

    def settle(self, seconds: float) -> None:
        """Let people go on. Meanwhile a node that ended by itself is started again, after a second,
        as ``deploy/lingauth@.service`` says: granian ends if one worker dies twice in 5.5 seconds.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
            for node in self.nodes:
                if node.has_ended:
                    time.sleep(RESTART)
                    node.restart()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows, read past the product, by a connection that is left when the app has none."""
        with self.postgres.connect("postgres") as connection:
            return connection.execute(query).fetchall()

    def heal(self) -> None:
        """What a fault left behind that broke off."""
        self.excuse.clear()
        if not self.postgres.is_running:
            self.postgres.start()
        for node in self.nodes:
            if not node.is_running:
                node.restart()

    def is_ready(self) -> bool:
        """Whether each node reaches its database, as it says itself."""
        return all(_is_ready(node) for node in self.nodes)

    def _start(self, running: ExitStack) -> None:
        prepared = self.prepared or prepare(self.directory / "prepared")
        if self.machinery:
            self._set_up_machinery(running)
        data = self.disk.directory / "data" if self.disk else None
        self.postgres = running.enter_context(Postgres(data=data))
        for number, name in enumerate(("one", "two")):
            environment = self.clocks[number].environment if self.clocks else {}
            node = Node(
                self.directory / name,
                self.postgres.url(),
                prepared=prepared,
                environment=ENVIRONMENT | environment,
            )
            if number == 0:
                node.migrate(to=MIGRATION if self.machinery else None)
                self.backends = _backends(node)
            node.is_migrated()
            self.nodes.append(running.enter_context(node))
        self.wires = [running.enter_context(Wire(node.port)) for node in self.nodes]
        if self.front == "nginx":
            one, two = (wire.port for wire in self.wires)
            self.proxy = Nginx(
                self.directory / "nginx",
                app=one,
                second=two,
                hashing=one,
                second_hashing=two,
                static=self.directory,
            )
            running.enter_context(self.proxy)

    def _set_up_machinery(self, running: ExitStack) -> None:
        try:
            self.disk = running.enter_context(SmallDisk(MEGABYTES))
        except NotAllowed as why:
            self.why_no_disk = str(why)
        try:
            self.clocks = [FakeClock(self.directory / f"clock-{n}") for n in (1, 2)]
        except NotAllowed as why:
            self.why_no_clock = str(why)


def _backends(node: Node) -> list[Tenant]:
    made = json.loads(node.manage("shell", "--no-imports", "-c", _TWO_BACKENDS))
    return [Tenant(ref, key) for ref, key in made.items()]


def _is_ready(node: Node) -> bool:
    try:
        answer = httpx.get(f"{node.url}/readyz", timeout=5)
        return bool(answer.json()["checks"]["database"] == "ok")
    except httpx.TransportError:
        return False
