"""A whole query string, read into one frozen ``Query``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from . import limits, terms
from .errors import too_much, unreadable
from .filters import Filters
from .shapes import Query, Shape
from .window import window

RESERVED: Final = frozenset(
    ("select", "order", "limit", "offset", "columns", "on_conflict", "and", "or", "not")
)
"""Names that no column may have. (``not.and`` and ``not.or`` cannot be names: they have a dot.)"""
_SINGLE: Final = ("select", "order", "limit", "offset", "columns", "on_conflict")


def pairs(query_string: str) -> list[tuple[str, str]]:
    """The parameters of a raw query string. Raises PGRST100 past the limits or off UTF-8."""
    if len(query_string) > limits.QUERY_LENGTH:
        raise too_much(f"A query string has at most {limits.QUERY_LENGTH} characters.")
    if query_string.count("&") >= limits.PARAMETERS:
        raise too_much(f"A query string has at most {limits.PARAMETERS} parameters.")
    try:
        return parse_qsl(query_string, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise unreadable("query string", "", "it is not UTF-8") from None


def parse(shape: Shape, parameters: Iterable[tuple[str, str]]) -> Query:
    """What ``parameters`` ask of the table ``shape``. Raises ``DataError`` and nothing else."""
    single: dict[str, str] = {}
    filters = Filters(shape)
    for count, (key, text) in enumerate(parameters, 1):
        if count > limits.PARAMETERS:
            raise too_much(f"A query string has at most {limits.PARAMETERS} parameters.")
        if key not in _SINGLE:
            filters.add(key, text)
        elif key in single:
            raise unreadable(key, text, "it is given twice")
        else:
            single[key] = text
    return Query(
        select=terms.select(shape, single.get("select", "")),
        where=filters.group(),
        order=terms.order(shape, single.get("order", "")),
        window=window(single.get("limit"), single.get("offset")),
        windowed="limit" in single or "offset" in single,
        columns=_names(shape, single, "columns"),
        on_conflict=_names(shape, single, "on_conflict"),
    )


def _names(shape: Shape, single: dict[str, str], key: str) -> tuple[str, ...] | None:
    return terms.names(shape, single[key], key) if key in single else None
