"""The site's database as a file. It has no server to kill; but one writer holds up all others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, LiteralString

PATIENCE = 60.0
"""Seconds that we wait for others to let go of it."""


class Sqlite:
    """``file`` is made by whoever first writes to it."""

    is_running = True

    def __init__(self, file: Path) -> None:
        self.file = file

    def url(self) -> str:
        return f"sqlite:///{self.file}"

    def start(self) -> None:
        """There is nothing to start."""

    def ask(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """Rows, read past the product."""
        with closing(self._open()) as connection:
            return connection.execute(query).fetchall()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Meanwhile nobody else writes."""
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None)
