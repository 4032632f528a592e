"""Writing rows. Each function is one transaction: all of it happens, or none.

A row that the caller may not write is the same as one that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import router, transaction
from django.db.models import Model, QuerySet

from lingauth.core import clock
from lingauth.data import bodies, reads
from lingauth.data.bodies import Draft
from lingauth.data.callers import Caller
from lingauth.data.conditions import ordering, where
from lingauth.data.dialect import (
    Condition,
    DataError,
    Format,
    Op,
    Preferences,
    Query,
    Resolution,
    Return,
)
from lingauth.data.dialect.errors import not_single
from lingauth.data.dialect.limits import ROWS_READ
from lingauth.data.registry import Table


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything that a write request asks for besides its body."""

    query: Query
    prefer: Preferences
    format: Format

    @property
    def wants_rows(self) -> bool:
        return self.prefer.give is Return.REPRESENTATION

    def judge(self, count: int) -> None:
        """Raise, inside the transaction, for a number of rows the caller did not mean."""
        if self.format.single and count != 1:
            raise not_single(count)
        most = self.prefer.max_affected
        if most is not None and count > most:
            raise DataError(
                "Query result exceeds max-affected preference constraint",
                code="PGRST124",
                details=f"The query affects {count} rows",
            )


@dataclass(frozen=True, slots=True)
class Written:
    """What was done: how many rows, their keys where known, and the rows if they were wanted.

    ``merged`` is an upsert that found every row there already.
    """

    count: int
    keys: tuple[Any, ...] = ()
    rows: list[reads.Sent] | None = None
    merged: bool = False


def insert(table: Table, caller: Caller, wish: Wish, body: object) -> Written:
    """Insert one row or many; with a ``resolution`` preference, an upsert by key."""
    resolution = wish.prefer.resolution
    if wish.query.on_conflict not in (None, (table.shape.key,)):
        raise DataError(
            "there is no unique constraint matching the ON CONFLICT specification", code="42P10"
        )
    drafts = bodies.several(
        table,
        body,
        wish.query.columns,
        missing_default=wish.prefer.missing_default,
        keyed=resolution is not None,
    )
    with transaction.atomic(using=router.db_for_write(table.model)):
        fresh = [draft for draft in drafts if draft.key is None]
        known = _existing(table, caller, [draft for draft in drafts if draft.key is not None])
        for draft in fresh:
            bodies.complete(table, draft)
        if resolution is Resolution.MERGE:
            _merge(table, caller, known)
        made = iter(_create(table, caller, fresh))
        keys = [
            next(made) if draft.key is None else draft.key
            for draft in drafts
            if draft.key is None or resolution is Resolution.MERGE
        ]
        merged = resolution is Resolution.MERGE and not fresh
        return _written(table, caller, wish, keys, merged=merged)


def replace(table: Table, caller: Caller, wish: Wish, body: object) -> Written:
    """PUT: set every column of the one row that the filter names. The row must exist."""
    key = _named(table, wish.query)
    draft = bodies.whole(table, body)
    if draft.key != key:
        raise DataError("Payload values do not match URL in primary key column(s)", code="PGRST115")
    with transaction.atomic(using=router.db_for_write(table.model)):
        _merge(table, caller, _existing(table, caller, [draft]))
        return _written(table, caller, wish, [key])


def update(table: Table, caller: Caller, wish: Wish, body: object) -> Written:
    """PATCH: change every row that matches and that the caller may write."""
    _unlimited(wish.query)
    draft = bodies.changes(table, body, wish.query.columns)
    fields = _claimed(table, caller, [draft], inserting=False)[0]
    if not fields:
        return _written(table, caller, wish, [])
    fields |= _touched(table)
    found = _writable(table, caller, wish.query)
    if not _needs_keys(wish):
        return Written(found.update(**fields))
    with transaction.atomic(using=router.db_for_write(table.model)):
        keys = _locked(table, found, wish)
        table.model._default_manager.filter(pk__in=keys).update(**fields)
        return _written(table, caller, wish, keys)


def delete(table: Table, caller: Caller, wish: Wish) -> Written:
    """DELETE: remove every row that matches and that the caller may write."""
    _unlimited(wish.query)
    found = _writable(table, caller, wish.query)
    if not _needs_keys(wish):
        return Written(found.delete()[1].get(table.model._meta.label, 0))
    with transaction.atomic(using=router.db_for_write(table.model)):
        keys = _locked(table, found, wish)
        written = _written(table, caller, wish, keys)
        table.model._default_manager.filter(pk__in=keys).delete()
        return written


def _writable(table: Table, caller: Caller, query: Query) -> QuerySet[Model]:
    return table.model._default_manager.filter(
        table.policy.writable_by(caller), where(table, query.where)
    )


def _needs_keys(wish: Wish) -> bool:
    return wish.wants_rows or wish.format.single or wish.prefer.max_affected is not None


def _locked(table: Table, found: QuerySet[Model], wish: Wish) -> list[Any]:
    """Lock the rows and return their keys. More than can be sent back are refused, unchanged."""
    rows = found.order_by(*ordering(table, wish.query.order)).select_for_update(of=("self",))
    keys = [row.pk for row in rows.only("pk")[: ROWS_READ + 1]]
    wish.judge(len(keys))
    if len(keys) > ROWS_READ:
        raise DataError(
            f"More than {ROWS_READ} rows match, too many to send back. Nothing was changed.",
            hint="Narrow the filter, or ask for return=minimal.",
        )
    return keys


def _existing(table: Table, caller: Caller, drafts: list[Draft]) -> list[tuple[Model, Draft]]:
    """The rows that keyed drafts name, locked. A key that is not the caller's cannot be chosen."""
    if not drafts:
        return []
    keys = [draft.key for draft in drafts]
    if len(set(keys)) < len(keys):
        raise DataError("An upsert cannot affect a row a second time", code="21000")
    found = table.model._default_manager.filter(
        table.policy.writable_by(caller), pk__in=keys
    ).select_for_update(of=("self",))
    rows = {row.pk: row for row in found}
    if any(key not in rows for key in keys):
        raise bodies.generated(table.shape.key)
    return [(rows[draft.key], draft) for draft in drafts]


def _merge(table: Table, caller: Caller, known: list[tuple[Model, Draft]]) -> None:
    claimed = _claimed(table, caller, [draft for _, draft in known], inserting=False)
    changed: set[str] = set()
    for (row, _), fields in zip(known, claimed, strict=True):
        for name, value in (fields | _touched(table)).items():
            setattr(row, name, value)
            changed.add(name)
    if changed:
        table.model._default_manager.bulk_update([row for row, _ in known], sorted(changed))


def _create(table: Table, caller: Caller, drafts: list[Draft]) -> list[Any]:
    claimed = _claimed(table, caller, drafts, inserting=True)
    rows = [table.model(**fields) for fields in claimed]
    return [row.pk for row in table.model._default_manager.bulk_create(rows)]


def _claimed(
    table: Table, caller: Caller, drafts: list[Draft], *, inserting: bool
) -> list[dict[str, Any]]:
    """Each draft's fields, with what the policy makes of the columns it claims."""
    if not drafts:
        return []
    claimed = table.policy.claim(
        caller, table.name, [draft.claimed for draft in drafts], inserting=inserting
    )
    return [draft.fields | fields for draft, fields in zip(drafts, claimed, strict=True)]


def _touched(table: Table) -> dict[str, Any]:
    return dict.fromkeys(table.touched, clock.now())


def _written(
    table: Table, caller: Caller, wish: Wish, keys: list[Any], *, merged: bool = False
) -> Written:
    wish.judge(len(keys))
    rows = reads.by_keys(table, caller, wish.query, keys) if wish.wants_rows else None
    return Written(len(keys), tuple(keys), rows, merged)


def _named(table: Table, query: Query) -> object:
    """The key that a PUT's filter gives: exactly ``key=eq.value``, and nothing else."""
    if query.windowed or query.order:
        raise DataError(
            "limit/offset querystring parameters are not allowed for PUT", code="PGRST114"
        )
    match query.where.members:
        case (Condition(column=column, op=Op.EQ, value=value, negated=False),):
            if column == table.shape.key:
                return value
    raise DataError(
        "Filters must include all and only primary key columns with 'eq' operators",
        code="PGRST105",
        status=405,
    )


def _unlimited(query: Query) -> None:
    if query.windowed:
        raise DataError(
            "limit and offset do not apply to changes and deletions",
            code="PGRST109",
            hint="Choose the rows by filters.",
        )
