"""The tests' database in SQLite before any test: made once, since migrating takes seconds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.sqlite3.creation import DatabaseCreation


def keep(file: Path) -> None:
    """Write down this process's own, if there is one: its tests may not want any."""
    file.unlink(missing_ok=True)
    if connection.connection is not None:
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)


def use(file: Path) -> None:
    """Wherever this process, or a fork of it, would make one, it is that one, if it was kept."""
    if not file.exists():
        return

    def create_test_db(self: Any, *_: Any, **__: Any) -> str:
        name = str(self._get_test_db_name())
        self.connection.close()
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name
        self.connection.ensure_connection()
        with closing(sqlite3.connect(file)) as kept:
            kept.backup(self.connection.connection)
        return name

    # The runner makes its database by this method, and has no setting for another way.
    DatabaseCreation.create_test_db = create_test_db  # type: ignore[method-assign]  # said above
