"""From a parsed JSON body to the fields of rows. Nothing here touches the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lingauth.data.dialect import DataError, Scalar
from lingauth.data.dialect.errors import bad_body, no_body_column
from lingauth.data.dialect.limits import ROWS_WRITTEN
from lingauth.data.dialect.values import from_json
from lingauth.data.registry import Table


@dataclass(slots=True)
class Draft:
    """One row of a body: its key if it names one, fields to set, and what the policy claims."""

    key: Scalar | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    claimed: dict[str, Scalar | None] = field(default_factory=dict)


def several(
    table: Table,
    body: object,
    columns: tuple[str, ...] | None,
    *,
    missing_default: bool,
    keyed: bool = False,
) -> list[Draft]:
    """The rows of an object or a list of objects. Raises ``DataError``.

    ``columns`` says which keys count; a row without one of them gets NULL there, or the default
    if ``missing_default``. Without ``columns`` all rows must have the same keys. ``keyed`` rows
    may name their key (an upsert).
    """
    rows = body if isinstance(body, list) else [body]
    if len(rows) > ROWS_WRITTEN:
        raise bad_body("Too many rows", f"A body has at most {ROWS_WRITTEN} rows.")
    objects = [_object(row) for row in rows]
    if columns is None and any(row.keys() != objects[0].keys() for row in objects[1:]):
        raise bad_body("All object keys must match")
    drafts = []
    for row in objects:
        if columns is not None:
            row = {name: row.get(name) for name in columns if name in row or not missing_default}
        drafts.append(_draft(table, row, keyed=keyed))
    return drafts


def changes(table: Table, body: object, columns: tuple[str, ...] | None) -> Draft:
    """The one object of a PATCH. Raises ``DataError``."""
    row = _object(body)
    if columns is not None:
        row = {name: row[name] for name in columns if name in row}
    return _draft(table, row, keyed=False)


def whole(table: Table, body: object) -> Draft:
    """The one object of a PUT: columns it leaves out get their defaults. Raises ``DataError``."""
    rows = body if isinstance(body, list) else [body]
    if len(rows) != 1:
        raise bad_body("A PUT has exactly one row")
    draft = _draft(table, _object(rows[0]), keyed=True)
    return complete(table, draft)


def complete(table: Table, draft: Draft) -> Draft:
    """Set the default of every writable field that ``draft`` leaves out. Raises 23502."""
    for name, kept in table.writable.items():
        if kept.attname in draft.fields:
            continue
        if kept.has_default():
            draft.fields[kept.attname] = kept.get_default()
        elif not kept.null:
            raise DataError(
                f'null value in column "{name}" violates not-null constraint', code="23502"
            )
    return draft


def _object(row: object) -> Mapping[str, object]:
    if not isinstance(row, dict):
        raise bad_body("Empty or invalid json", "A row is a JSON object.")
    return row


def _draft(table: Table, row: Mapping[str, object], *, keyed: bool) -> Draft:
    draft = Draft()
    for name in row:
        if name not in table.shape.columns:
            raise no_body_column(table.name, name)
        column = table.shape.columns[name]
        if name == table.shape.key and keyed:
            draft.key = None if row[name] is None else from_json(column, row[name])
        elif name in table.policy.claimed:
            draft.claimed[name] = None if row[name] is None else from_json(column, row[name])
        elif name in table.writable:
            draft.fields[table.writable[name].attname] = from_json(column, row[name])
        else:
            raise generated(name)
    return draft


def generated(name: str) -> DataError:
    """A column that only the database fills (428C9)."""
    return DataError(
        f'cannot write a non-DEFAULT value into column "{name}"',
        code="428C9",
        hint=f'"{name}" is set by the database. Leave it out.',
    )
