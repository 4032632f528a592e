"""The site that is struck: nginx, two nodes with two workers each, and one PostgreSQL. Or one node
over an SQLite file."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString, Self

import httpx

from reliability.chaos.direct import Direct
from reliability.chaos.fake_clock import FakeClock
from reliability.chaos.node import Node, Tenant
from reliability.chaos.not_allowed import NotAllowed
from reliability.chaos.postgres import Postgres
from reliability.chaos.small_disk import SmallDisk
from reliability.chaos.sqlite import Sqlite
from reliability.chaos.wire import Wire
from tests.deploy.nginx import NAME, Nginx
from tests.support.servers import prepare

ENVIRONMENT = {
    "LINGAUTH_SITE_URL": f"https://{NAME}",
    "LINGAUTH_ALLOWED_HOSTS": f"{NAME},127.0.0.1",
    "LINGAUTH_TRUSTED_PROXIES": "1",
    "LINGAUTH_MAIL_DELIVERY": "queue",
}
RESTART = 1.0
MEGABYTES = 384
MIGRATION = "0001"
"""Where ``machinery`` begins: the one before the last."""


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
        sqlite: bool = False,
    ) -> None:
        self.directory, self.front, self.seconds = directory, front, seconds
        self.prepared, self.machinery = prepared, machinery
        self.database: Postgres | Sqlite | None = Sqlite(directory / "db") if sqlite else None
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

    def ask(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """Rows, read past the product, when the app has no connection left too."""
        assert self.database is not None
        return self.database.ask(query)

    @property
    def postgres(self) -> Postgres:
        assert isinstance(self.database, Postgres)
        return self.database

    @property
    def sqlite(self) -> Sqlite:
        assert isinstance(self.database, Sqlite)
        return self.database

    def heal(self) -> None:
        """What a fault left behind that broke off."""
        self.excuse.clear()
        if self.database is not None and not self.database.is_running:
            self.database.start()
        for node in self.nodes:
            if not node.is_running:
                node.restart()

    def is_ready(self) -> bool:
        """Whether each node reaches its database, as it says itself."""
        return all(node.is_ready for node in self.nodes)

    def _start(self, running: ExitStack) -> None:
        prepared = self.prepared or prepare(self.directory / "prepared")
        if self.machinery:
            self._set_up_machinery(running)
        if self.database is None:
            data = self.disk.directory / "data" if self.disk else None
            self.database = running.enter_context(Postgres(data=data))
        names = ("one", "two") if isinstance(self.database, Postgres) else ("one",)
        for number, name in enumerate(names):
            environment = self.clocks[number].environment if self.clocks else {}
            node = Node(
                self.directory / name,
                self.database.url(),
                prepared=prepared,
                environment=ENVIRONMENT | environment,
            )
            if number == 0:
                node.migrate(to=MIGRATION if self.machinery else None)
                self.backends = node.make_backends()
            node.is_migrated()
            self.nodes.append(running.enter_context(node))
        self.wires = [running.enter_context(Wire(node.port)) for node in self.nodes]
        if self.front == "nginx":
            self.proxy = running.enter_context(self._nginx())

    def _nginx(self) -> Nginx:
        one, *others = (wire.port for wire in self.wires)
        two = others[0] if others else None
        return Nginx(
            self.directory / "nginx",
            app=one,
            second=two,
            hashing=one,
            second_hashing=two,
            static=self.directory,
        )

    def _set_up_machinery(self, running: ExitStack) -> None:
        try:
            self.disk = running.enter_context(SmallDisk(MEGABYTES))
        except NotAllowed as why:
            self.why_no_disk = str(why)
        try:
            self.clocks = [FakeClock(self.directory / f"clock-{n}") for n in (1, 2)]
        except NotAllowed as why:
            self.why_no_clock = str(why)
