"""LIKE and ILIKE over patterns that are free of any database's escapes."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from lingauth.data.dialect import Pattern, Wild

_GLOB = {Wild.RUN: "*", Wild.ONE: "?"}


class Matches(Func):
    """Whether a text column matches ``pattern``.

    SQLite's LIKE ignores the case of ASCII letters and of those only, so there the sensitive
    match is a GLOB, and the insensitive one tells "Ä" from "ä".
    """

    arity = 1
    conditional = True
    output_field = BooleanField()

    def __init__(self, path: str, pattern: Pattern, *, ignore_case: bool, **extra: Any) -> None:
        super().__init__(F(path), **extra)
        self.pattern = pattern
        self.ignore_case = ignore_case

    def as_sql(  # type: ignore[override]  # Django's own hint is narrower
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """PostgreSQL: its default escape is the backslash."""
        sql, params = compiler.compile(self.source_expressions[0])
        operator = "ILIKE" if self.ignore_case else "LIKE"
        return f"{sql} {operator} %s", (*params, like(self.pattern))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, tuple[Any, ...]]:
        sql, params = compiler.compile(self.source_expressions[0])
        if self.ignore_case:
            return rf"{sql} LIKE %s ESCAPE '\'", (*params, like(self.pattern))
        return f"{sql} GLOB %s", (*params, glob(self.pattern))


def like(pattern: Pattern) -> str:
    """The pattern in SQL's words, with the backslash as escape."""
    return "".join(
        part.value if isinstance(part, Wild) else _escape(part, "\\%_", "\\{}")
        for part in pattern.parts
    )


def glob(pattern: Pattern) -> str:
    """The pattern in GLOB's words, where a bracketed character stands for itself."""
    return "".join(
        _GLOB[part] if isinstance(part, Wild) else _escape(part, "*?[", "[{}]")
        for part in pattern.parts
    )


def _escape(text: str, special: str, form: str) -> str:
    return "".join(form.format(c) if c in special else c for c in text)
