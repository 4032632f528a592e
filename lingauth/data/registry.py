"""Which models the data API offers, under which names and columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import models

from lingauth.data.dialect import RESERVED, Column, Kind, Shape
from lingauth.data.policies import RowPolicy

_KINDS: tuple[tuple[type[models.Field[Any, Any]], Kind], ...] = (
    (models.BooleanField, Kind.BOOLEAN),
    (models.IntegerField, Kind.INTEGER),
    (models.DateTimeField, Kind.TIMESTAMP),
    (models.UUIDField, Kind.UUID),
    (models.CharField, Kind.TEXT),
    (models.TextField, Kind.TEXT),
)
_BITS = {"Small": 15, "Big": 63}


@dataclass(frozen=True, slots=True)
class Expose:
    """A column that reads another field than its name says: ``Expose("owner", "owner__uuid")``."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Table:
    """A registered model. ``paths`` and ``writable`` go from column names to ORM paths and fields.

    The key is given by the database: no caller chooses or changes it. ``touched`` are the fields
    that every change sets to the current time (``auto_now``).
    """

    name: str
    model: type[models.Model]
    shape: Shape
    paths: Mapping[str, str]
    writable: Mapping[str, models.Field[Any, Any]]
    touched: tuple[str, ...]
    policy: RowPolicy


_tables: dict[str, Table] = {}


def register(
    model: type[models.Model], name: str, *, columns: Iterable[str | Expose], policy: RowPolicy
) -> Table:
    """Offer ``model`` as ``rest/v1/<name>`` on every backend. Call it from ``AppConfig.ready``.

    The primary key must be among ``columns``. Fields that are not editable (``auto_now`` ones are
    not) can be read and not written. Raises ImproperlyConfigured, naming what is wrong.
    """
    if not name.isidentifier():
        raise ImproperlyConfigured(f"{name!r} cannot name a table.")
    if name in _tables and _tables[name].model is not model:
        raise ImproperlyConfigured(f"Two models are registered as {name!r}.")
    policy.check(model, name)
    exposed = [Expose(c, c) if isinstance(c, str) else c for c in columns]
    shaped = {expose.name: _column(model, expose) for expose in exposed}
    keys = [expose.name for expose in exposed if _field(model, expose.path).primary_key]
    if len(keys) != 1:
        raise ImproperlyConfigured(f"The table {name!r} must expose its model's primary key.")
    own = {e.name: _field(model, e.path) for e in exposed if "__" not in e.path}
    table = Table(
        name=name,
        model=model,
        shape=Shape(name, keys[0], shaped),
        paths={expose.name: expose.path for expose in exposed},
        writable={
            column: field
            for column, field in own.items()
            if field.editable and not field.primary_key and column not in policy.claimed
        },
        touched=tuple(
            field.attname
            for field in model._meta.concrete_fields
            if getattr(field, "auto_now", False)
        ),
        policy=policy,
    )
    _tables[name] = table
    return table


def unregister(name: str) -> None:
    """Take a table away again. For tests."""
    _tables.pop(name, None)


def find(name: str) -> Table | None:
    """The table called ``name``, if there is one."""
    return _tables.get(name)


def tables() -> tuple[Table, ...]:
    """Every table, in the order they were registered."""
    return tuple(_tables.values())


def _field(model: type[models.Model], path: str) -> models.Field[Any, Any]:
    """The concrete field at the end of ``path``, which may lead through foreign keys."""
    *through, last = path.split("__")
    step = model
    for part in through:
        related = _get(model, step, part, path).related_model
        if not isinstance(related, type):
            raise ImproperlyConfigured(f"{model._meta.label} has no field {path!r}.")
        step = related
    return _get(model, step, last, path)


def _get(
    model: type[models.Model], step: type[models.Model], part: str, path: str
) -> models.Field[Any, Any]:
    try:
        field = step._meta.get_field(part)
    except FieldDoesNotExist:
        field = None
    if not isinstance(field, models.Field):
        raise ImproperlyConfigured(f"{model._meta.label} has no field {path!r}.")
    return field


def _column(model: type[models.Model], expose: Expose) -> Column:
    if expose.name in RESERVED or not expose.name.isidentifier():
        raise ImproperlyConfigured(f"{expose.name!r} cannot name a column.")
    field = _field(model, expose.path)
    for base, kind in _KINDS:
        if isinstance(field, base):
            stored = field.get_internal_type()
            bits = next((bits for word, bits in _BITS.items() if word in stored), 31)
            return Column(
                expose.name,
                kind,
                nullable=field.null,
                minimum=0 if "Positive" in stored else -(2**bits),
                maximum=2**bits - 1,
                max_length=field.max_length if isinstance(field, models.CharField) else None,
            )
    raise ImproperlyConfigured(
        f"The column {expose.name!r} has a type that is not offered: {type(field).__name__}."
    )
