"""Counts what is really sent to the database, transaction control included.

Django's own recorders do not see a ``BEGIN`` that psycopg sends by itself, nor a commit in every
version. These listen below Django: SQLite's trace callback reports each statement the engine runs,
libpq's trace each message on the wire. On PostgreSQL, preparing a statement for later (a ``Parse``
without an ``Execute``) is a message but not a statement: it happens once per connection.

Use it in tests marked ``django_db(transaction=True)``; inside the transaction of an ordinary test
every ``BEGIN`` would be a ``SAVEPOINT``. Only this thread's connection is heard.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg.pq import Trace

_MESSAGE = re.compile(r"^(?=[FB]\t\d+\t[A-Z])", re.MULTILINE)
_QUERY = re.compile(r'F\t\d+\tQuery\t "(.*)"\n', re.DOTALL)
_PARSE = re.compile(r'F\t\d+\tParse\t "([^"]*)" "(.*)" \d+[ \d]*\n', re.DOTALL)
_BIND = re.compile(r'F\t\d+\tBind\t "[^"]*" "([^"]*)"')
_EXECUTE = re.compile(r"F\t\d+\tExecute\t")


class Statements(list[str]):
    """The statements in order. Reads well when an assertion about ``len`` fails."""

    def __repr__(self) -> str:
        return f"{len(self)} statements:\n" + "\n".join(f"  {text[:300]}" for text in self)


@contextmanager
def counted() -> Iterator[Statements]:
    """Collects every statement that this thread's connection sends. Filled when the block ends."""
    connection.ensure_connection()
    listen = _counted_in_sqlite if connection.vendor == "sqlite" else counted_on_wire
    with listen(connection.connection) as statements:
        yield statements


@contextmanager
def _counted_in_sqlite(traced: sqlite3.Connection) -> Iterator[Statements]:
    statements = Statements()
    traced.set_trace_callback(statements.append)
    try:
        yield statements
    finally:
        traced.set_trace_callback(None)


@contextmanager
def counted_on_wire(traced: psycopg.Connection) -> Iterator[Statements]:
    """The same for a psycopg connection."""
    statements = Statements()
    with tempfile.TemporaryFile() as log:
        traced.pgconn.trace(log.fileno())
        traced.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield statements
        finally:
            traced.pgconn.untrace()
            log.seek(0)
            statements.extend(_executed(log.read().decode(errors="replace")))


@contextmanager
def executed() -> Iterator[list[tuple[str, Any]]]:
    """What Django executes, with its values: which rows a statement is about."""
    done: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield done


def _executed(trace: str) -> Iterator[str]:
    """The texts of the Query and Execute messages. A statement prepared before goes by its name."""
    prepared: dict[str, str] = {}
    bound = ""
    for message in _MESSAGE.split(trace):
        if found := _QUERY.match(message):
            yield found[1]
        elif found := _PARSE.match(message):
            prepared[found[1]] = found[2]
        elif found := _BIND.match(message):
            bound = prepared.get(found[1], f"prepared {found[1]}")
        elif _EXECUTE.match(message):
            yield bound
