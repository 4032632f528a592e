"""INV-11: the database itself refuses to change or delete events and their seals."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, migrations, transaction
from django.db.migrations.loader import MigrationLoader

from lingauth.models import Event, HistorySeal
from lingauth.services import events
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.history import sealing
from tests.support.history import forget_seals

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "update": "UPDATE {0} SET {1} = {2}",
    "update of one": "UPDATE {0} SET {1} = {2} WHERE id = (SELECT max(id) FROM {0})",
    "delete": "DELETE FROM {0}",
    "delete of one": "DELETE FROM {0} WHERE id = (SELECT max(id) FROM {0})",
}
COLUMNS = {"lingauth_event": ("kind", "'nothing'"), "lingauth_historyseal": ("number", "77")}


@pytest.fixture
def sealed(made: NewBackend) -> None:
    assert list(sealing.seal())


def contents() -> list[object]:
    return [
        *Event.objects.order_by("pk").values_list(),
        *HistorySeal.objects.order_by("pk").values_list("pk", "number", "last_event_id"),
    ]


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("way", STATEMENTS)
@pytest.mark.parametrize("table", COLUMNS)
def test_no_statement_changes_or_deletes_a_row(sealed: None, table: str, way: str) -> None:
    before = contents()
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        execute(STATEMENTS[way].format(table, *COLUMNS[table]))
    assert contents() == before


@pytest.mark.parametrize("table", COLUMNS)
def test_a_statement_that_finds_no_row_is_not_refused(sealed: None, table: str) -> None:
    """Django's deserializer asks so, before it writes a row that is new."""
    execute(f"UPDATE {table} SET {COLUMNS[table][0]} = {COLUMNS[table][1]} WHERE id = 0")
    execute(f"DELETE FROM {table} WHERE id = 0")


def test_what_is_not_sealed_yet_is_not_changed_either(made: NewBackend) -> None:
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        execute("UPDATE lingauth_event SET kind = 'nothing'")
    if connection.vendor == "postgresql":  # SQLite cannot tell this from the flush of a test
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            execute("DELETE FROM lingauth_event")


def test_rows_can_be_added_after_a_seal(sealed: None, made: NewBackend) -> None:
    events.record(
        Kind.SIGNED_OUT, backend_id=made.backend.pk, client=ClientInfo(), actor=Actor.anonymous()
    )
    assert len(list(sealing.seal())) == 1


MODEL_WAYS: dict[str, Callable[[HistorySeal], object]] = {
    "save": lambda row: row.save(),
    "update": lambda row: HistorySeal.objects.update(number=77),
    "delete": lambda row: row.delete(),
    "delete of a set": lambda row: HistorySeal.objects.all().delete(),
    "the base manager": lambda row: HistorySeal._base_manager.all().delete(),
}


@pytest.mark.parametrize("way", MODEL_WAYS)
def test_no_way_of_the_orm_changes_or_deletes_a_seal(sealed: None, way: str) -> None:
    before = contents()
    with pytest.raises(TypeError, match="written once"):
        MODEL_WAYS[way](HistorySeal.objects.get())
    assert contents() == before


@pytest.mark.django_db(transaction=True)
def test_tables_can_be_emptied_until_something_is_sealed(made: NewBackend) -> None:
    """As after each test of a host project that keeps no transaction around it."""
    list(sealing.seal())
    with pytest.raises(CommandError, match="couldn't be flushed"):
        call_command("flush", interactive=False, verbosity=0)
    assert Event.objects.exists()
    forget_seals()
    call_command("flush", interactive=False, verbosity=0)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_migration_can_be_taken_back_and_made_again() -> None:
    module = MigrationLoader(None).get_migration("lingauth", "0004_history")
    operation = next(o for o in module.operations if isinstance(o, migrations.RunPython))
    assert operation.reverse_code is not None
    with connection.schema_editor() as editor:
        operation.reverse_code(None, editor)  # type: ignore[arg-type]  # it needs no models
    try:
        execute("UPDATE lingauth_event SET kind = 'nothing'")
        execute("DELETE FROM lingauth_event")
    finally:
        with connection.schema_editor() as editor:
            operation.code(None, editor)  # type: ignore[arg-type]  # as above
