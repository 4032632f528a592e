"""Values of a column's type, from text in a query string and from JSON in a body.

Nothing that gets through can make a database refuse: no NUL, no lone surrogate, no integer out of
its column's range, no time outside years 1 to 9999 in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from .errors import DataError, bad_value, out_of_range
from .limits import WILDCARDS
from .shapes import Column, Kind, Pattern, Scalar, Wild

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)?)?",
    re.ASCII,
)
_BOOLEANS: Final = {
    "true": True, "t": True, "yes": True, "on": True, "1": True,
    "false": False, "f": False, "no": False, "off": False, "0": False,
}  # fmt: skip


def from_text(column: Column, text: str) -> Scalar:
    """``text`` of a filter as ``column``'s type. Raises 22P02 or 22003."""
    match column.kind:
        case Kind.TEXT:
            return clean(text)
        case Kind.BOOLEAN:
            try:
                return _BOOLEANS[text.strip().lower()]
            except KeyError:
                raise bad_value(column.kind, text) from None
        case Kind.INTEGER:
            return _integer(column, text.strip())
        case Kind.UUID:
            return _uuid(text.strip())
        case Kind.TIMESTAMP:
            return _timestamp(text.strip())


def from_json(column: Column, value: object) -> Scalar | None:
    """A value of a body as ``column``'s type. Raises 22P02, 22003, 22001 or 23502."""
    if value is None:
        if column.nullable:
            return None
        raise DataError(
            f'null value in column "{column.name}" violates not-null constraint', code="23502"
        )
    if isinstance(value, bool):
        if column.kind is Kind.BOOLEAN:
            return value
    elif isinstance(value, int):
        if column.kind is Kind.INTEGER:
            return _bounded(column, value)
    elif isinstance(value, str) and column.kind is not Kind.BOOLEAN:
        scalar = from_text(column, value)
        if column.max_length is not None and len(value) > column.max_length:
            raise DataError(
                f"value too long for type character varying({column.max_length})",
                code="22001",
                details=f'Column "{column.name}".',
            )
        return scalar
    raise DataError(
        f'invalid input syntax for type {column.kind} in column "{column.name}"', code="22P02"
    )


def pattern(text: str) -> Pattern:
    """A LIKE pattern: ``*`` and ``%`` match any run, ``_`` one character, ``\\`` escapes.

    Raises 22025 for a pattern that ends in an escape, as PostgreSQL does.
    """
    parts: list[str | Wild] = []
    literal: list[str] = []
    wilds = 0
    characters = iter(clean(text))
    for character in characters:
        if character == "\\":
            following = next(characters, None)
            if following is None:
                raise DataError("LIKE pattern must not end with escape character", code="22025")
            literal.append(following)
            continue
        if character not in "*%_":
            literal.append(character)
            continue
        wild = Wild.ONE if character == "_" else Wild.RUN
        if literal:
            parts.append("".join(literal))
            literal.clear()
        if wild is Wild.RUN and parts and parts[-1] is Wild.RUN:
            continue
        wilds += wild is Wild.RUN
        parts.append(wild)
    if literal:
        parts.append("".join(literal))
    if wilds > WILDCARDS:
        raise DataError(
            "The query is too long or too complex.",
            details=f"A pattern has at most {WILDCARDS} wildcards.",
        )
    return Pattern(tuple(parts))


def clean(text: str) -> str:
    """``text``, if a database can store it. Raises 22021 for NUL and for lone surrogates."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise DataError('invalid byte sequence for encoding "UTF8"', code="22021")
    return text


def _integer(column: Column, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise bad_value(column.kind, text)
    return _bounded(column, int(text))


def _bounded(column: Column, value: int) -> int:
    if not column.minimum <= value <= column.maximum:
        # A number of thousands of digits must not be turned into text: that raises, and is slow.
        huge = value.bit_length() > 256
        raise out_of_range(column.kind, "a very large number" if huge else str(value))
    return value


def _uuid(text: str) -> UUID:
    if not _UUID.fullmatch(text):
        raise bad_value(Kind.UUID, text)
    return UUID(text)


def _timestamp(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise bad_value(Kind.TIMESTAMP, text)
    try:
        moment = datetime.fromisoformat(text.replace("z", "Z"))
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise out_of_range(Kind.TIMESTAMP, text) from None
