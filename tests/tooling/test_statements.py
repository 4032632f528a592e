"""The statement counter counts what the database gets, no more and no less, on both databases."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from tests.support.postgres import Postgres
from tests.support.statements import Statements, counted, counted_on_wire

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(statements: Statements) -> list[str]:
    return [text.split()[0].upper() for text in statements]


def test_one_query_is_one_statement() -> None:
    with counted() as statements:
        list(Group.objects.all())
    assert kinds(statements) == ["SELECT"]
    assert "auth_group" in statements[0]


def test_a_prepared_statement_counts_at_every_execution() -> None:
    with counted() as statements:
        for number in range(5):
            Group.objects.filter(pk=number).exists()
    assert len(statements) == 5


def test_a_transaction_shows_its_begin_and_commit() -> None:
    with counted() as statements, transaction.atomic():
        Group.objects.filter(name="a").update(name="b")
    assert kinds(statements) == ["BEGIN", "UPDATE", "COMMIT"]


def test_an_undone_transaction_shows_its_rollback() -> None:
    with counted() as statements, pytest.raises(ZeroDivisionError), transaction.atomic():
        Group.objects.filter(name="a").update(name="b")
        raise ZeroDivisionError
    assert kinds(statements) == ["BEGIN", "UPDATE", "ROLLBACK"]


def test_savepoints_are_seen() -> None:
    with counted() as statements, transaction.atomic():
        Group.objects.count()
        with transaction.atomic():
            Group.objects.count()
    assert kinds(statements) == ["BEGIN", "SELECT", "SAVEPOINT", "SELECT", "RELEASE", "COMMIT"]


def test_statements_of_a_bare_cursor_are_seen() -> None:
    with counted() as statements, connection.cursor() as cursor:
        cursor.execute("SELECT 'F\t9\tExecute\t \"\" 0'")
        cursor.execute("SELECT 1")
        cursor.execute("SELECT %s", ["two\nF\t9\tExecute\t"])
    assert len(statements) == 3


def test_statements_below_django_are_seen() -> None:
    connection.ensure_connection()
    with counted() as statements:
        connection.connection.execute("SELECT 1")
    assert kinds(statements) == ["SELECT"]


def test_nothing_is_heard_outside_the_block() -> None:
    with counted() as statements:
        Group.objects.count()
    Group.objects.count()
    assert len(statements) == 1


def test_it_agrees_with_the_log_of_a_postgresql(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url(), cursor_factory=psycopg.Cursor) as wire:
        wire.prepare_threshold = 1
        [(directory,)] = wire.execute("SHOW data_directory").fetchall()
        log = Path(directory, "log")
        wire.execute("SET log_statement = 'all'")
        wire.commit()
        start = log.stat().st_size
        with counted_on_wire(wire) as statements:
            for number in range(3):
                wire.execute("SELECT %s::int", (number,))
            wire.commit()
            wire.execute("CREATE TEMPORARY TABLE t AS SELECT 'a \"quote\"'")
            wire.commit()
        logged = re.findall(
            r"^\S+ \S+ \S+ \[\d+\] LOG:  (?:statement|execute [^:]*): ",
            log.read_text()[start:],
            re.MULTILINE,
        )
    assert kinds(statements) == ["BEGIN", *["SELECT"] * 3, "COMMIT", "BEGIN", "CREATE", "COMMIT"]
    assert len(logged) == len(statements)
