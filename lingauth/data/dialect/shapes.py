"""The nouns of the dialect: what a table looks like, and what a request asks of it. All frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

Scalar: TypeAlias = str | int | bool | datetime | UUID


class Kind(StrEnum):
    """A column's type, by the name PostgreSQL gives it in messages."""

    INTEGER = "bigint"
    TEXT = "text"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp with time zone"
    UUID = "uuid"


class Op(StrEnum):
    EQ = "eq"
    NEQ = "neq"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    LIKE = "like"
    ILIKE = "ilike"
    IS = "is"
    IN = "in"


class Wild(StrEnum):
    """A wildcard of a pattern: any run of characters, or exactly one."""

    RUN = "%"
    ONE = "_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column as callers see it. ``minimum`` and ``maximum`` bound integers, inclusive."""

    name: str
    kind: Kind
    nullable: bool = False
    minimum: int = -(2**63)
    maximum: int = 2**63 - 1
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """One table as callers see it; ``key`` is the column that names a row."""

    name: str
    key: str
    columns: Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A LIKE pattern, free of any database's escapes: literal text and wildcards in order."""

    parts: tuple[str | Wild, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """``column op value``. ``IS`` has ``None``, ``True`` or ``False``; ``IN`` has a tuple."""

    column: str
    op: Op
    value: Scalar | Pattern | tuple[Scalar, ...] | None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups joined by AND, or by OR when ``any``."""

    members: tuple[Condition | Group, ...]
    any: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Selected:
    """One key of the rows sent back: ``label`` is the column's name or the alias."""

    column: str
    label: str


@dataclass(frozen=True, slots=True)
class Ordered:
    column: str
    descending: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Rows to skip, and how many to send at most (``None``: as many as one answer carries)."""

    offset: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query string, understood. ``columns`` and ``on_conflict`` concern bodies only."""

    select: tuple[Selected, ...]
    where: Group = field(default_factory=lambda: Group(()))
    order: tuple[Ordered, ...] = ()
    window: Window = field(default_factory=Window)
    windowed: bool = False
    columns: tuple[str, ...] | None = None
    on_conflict: tuple[str, ...] | None = None
