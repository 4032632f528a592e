"""Doing to the history what its triggers refuse, as the owner of the database could."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

TABLES = ("lingauth_event", "lingauth_historyseal")


@contextmanager
def tampering() -> Iterator[None]:
    """The triggers of both tables are away meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        cursor.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN {TABLES}"
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, statement in triggers:
            cursor.execute(statement)


def forge(statement: str, *values: Any) -> None:
    """One statement past the models and the triggers. It has to reach a row."""
    with tampering(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount, "Nothing was forged."


def forget_seals() -> None:
    """Take the seals away, for a test whose database is emptied afterwards and not rolled back."""
    with tampering(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM lingauth_historyseal")
