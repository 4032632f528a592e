"""On PostgreSQL a fork does not copy the database, so each fork makes a copy of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connections
from psycopg import sql

from tests.support.plugin import DATABASE


def let_go() -> None:
    """A copy can be made while nobody is connected, and a connection must not be in two processes.
    With SQLite in memory it would be the end of the database."""
    if DATABASE in os.environ:
        connections.close_all()


@contextmanager
def own_database() -> Iterator[None]:
    """This process, a fork, has a database of its own in the block."""
    if DATABASE not in os.environ:
        yield
        return
    settings = connections["default"].settings_dict
    template, name = str(settings["NAME"]), f"{settings['NAME']}_{os.getpid()}"
    with psycopg.connect(os.environ[DATABASE], autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        settings["NAME"] = name
        try:
            yield
        finally:
            connections.close_all()
            server.execute(sql.SQL("DROP DATABASE {} (FORCE)").format(sql.Identifier(name)))
