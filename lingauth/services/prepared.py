"""Statements that Django compiles once and that are then only given their values.

Compiling the statement every request begins with costs more than the database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections, models
from django.db.models.base import ModelState

_Converter = tuple[int, Callable[..., Any], Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """SQL, where each value goes in it, and what turns its columns into Python."""

    alias: str
    sql: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, str], ...]
    converters: tuple[_Converter, ...]

    @classmethod
    def compile(cls, query: models.QuerySet[Any, Any], marks: Mapping[str, Any]) -> Prepared:
        """Compile ``query``, in which each of ``marks`` stands where a value of that name will go.

        Raises ValueError unless each mark is there exactly once.
        """
        compiler = query.query.get_compiler(using=query.db)
        sql, parameters = compiler.as_sql()
        found = compiler.get_converters([column[0] for column in compiler.select])
        converters = tuple(
            (at, function, of)
            for at, (functions, of) in sorted(found.items())
            for function in functions
        )
        places = tuple(
            (position, name)
            for position, parameter in enumerate(parameters)
            for name, mark in marks.items()
            if parameter in (mark, _adapted(mark, query.db))
        )
        if sorted(name for _, name in places) != sorted(marks):
            raise ValueError(f"Each of {sorted(marks)} has to be in the query once: {places}")
        return cls(query.db, sql, tuple(parameters), places, converters)

    def rows(self, values: Mapping[str, Any]) -> list[list[Any]]:
        """The rows for these values, one statement."""
        connection = connections[self.alias]
        parameters = list(self.parameters)
        for position, name in self.places:
            parameters[position] = _adapted(values[name], self.alias)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            rows = [list(row) for row in cursor.fetchall()]
        for row in rows:
            for at, function, expression in self.converters:
                row[at] = function(row[at], expression, connection)
        return rows


@cache
def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """The names of a model's own columns, in order."""
    return tuple(field.attname for field in model._meta.concrete_fields)


def built(
    model: type[models.Model], names: Sequence[str], values: Sequence[Any]
) -> models.Model | None:
    """The instance in these columns; None if an outer join found none."""
    if values[names.index(model._meta.pk.attname)] is None:
        return None
    if model._meta.app_label != "lingauth":
        return model.from_db(model._default_manager.db, names, values)
    # What from_db does, without asking each field of a model of ours whether it has a default, a
    # descriptor or a receiver of signals: that costs more than all the rest of an answer.
    row = model.__new__(model)
    row.__dict__.update(zip(names, values, strict=True))
    row._state = ModelState()
    row._state.adding, row._state.db = False, model._default_manager.db
    return row


def _adapted(value: Any, alias: str) -> Any:
    """A UUID as the database takes it; everything else as it is."""
    if isinstance(value, UUID) and not connections[alias].features.has_native_uuid_field:
        return value.hex
    return value
