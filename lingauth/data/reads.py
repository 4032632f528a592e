"""Reading rows: one statement, and a second one only where a total cannot be known without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet

from lingauth.data.callers import Caller
from lingauth.data.conditions import ordering, where
from lingauth.data.dialect import Query, Window
from lingauth.data.dialect.limits import ROWS_READ
from lingauth.data.registry import Table

Sent = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the caller's keys and order. ``total`` is None unless a count was asked for."""

    rows: list[Sent]
    offset: int
    total: int | None = None


def page(table: Table, caller: Caller, query: Query, window: Window, *, count: bool) -> Page:
    """The rows of ``query`` that ``caller`` may see, at most ``ROWS_READ`` of them."""
    found = visible(table, caller).filter(where(table, query.where))
    limit = ROWS_READ if window.limit is None else min(window.limit, ROWS_READ)
    rows = shaped(table, query, found, window.offset, limit)
    if not count:
        return Page(rows, window.offset)
    if len(rows) < limit and (rows or not window.offset):
        return Page(rows, window.offset, window.offset + len(rows))
    return Page(rows, window.offset, found.count())


def visible(table: Table, caller: Caller) -> QuerySet[Model]:
    """All that ``caller`` may see of ``table``."""
    return table.model._default_manager.filter(table.policy.visible_to(caller))


def by_keys(table: Table, caller: Caller, query: Query, keys: list[Any]) -> list[Sent]:
    """The rows with these keys, as ``query`` selects and orders them or else in ``keys``' order."""
    found = visible(table, caller).filter(Q(pk__in=keys))
    if query.order:
        return shaped(table, query, found, 0, len(keys))
    path = table.paths[table.shape.key]
    selected = [table.paths[item.column] for item in query.select]
    labels = [item.label for item in query.select]
    rows = {row[0]: row[1:] for row in found.values_list(path, *selected)}
    return [dict(zip(labels, rows[key], strict=True)) for key in keys if key in rows]


def shaped(
    table: Table, query: Query, found: QuerySet[Model], offset: int, limit: int
) -> list[Sent]:
    """``found`` in the order and with the keys that ``query`` asks for."""
    labels = [item.label for item in query.select]
    paths = [table.paths[item.column] for item in query.select]
    rows = found.order_by(*ordering(table, query.order)).values_list(*paths)
    return [dict(zip(labels, row, strict=True)) for row in rows[offset : offset + limit]]
