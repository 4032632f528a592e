"""The comma-separated parameters: ``select``, ``order``, ``columns`` and ``on_conflict``."""

from __future__ import annotations

from typing import Final

from . import limits
from .cursor import Cursor
from .errors import DataError, no_body_column, no_column, too_much
from .shapes import Ordered, Selected, Shape

_ALIAS_LENGTH: Final = 63
_COMMA: Final = frozenset(",")


def select(shape: Shape, text: str) -> tuple[Selected, ...]:
    """``id,heading:title,*``. An empty text is ``*``. Raises ``DataError``."""
    everything = tuple(Selected(name, name) for name in shape.columns)
    if not text.strip():
        return everything
    cursor = Cursor(text, "select parameter")
    items: dict[str, Selected] = {}
    for count in range(limits.SELECT_ITEMS + 1):
        if count == limits.SELECT_ITEMS:
            raise too_much(f"A select has at most {limits.SELECT_ITEMS} items.")
        for item in _selected(shape, cursor, everything):
            items[item.label] = item
        if not cursor.skip(","):
            break
    cursor.finish()
    return tuple(items.values())


def _selected(
    shape: Shape, cursor: Cursor, everything: tuple[Selected, ...]
) -> tuple[Selected, ...]:
    name = cursor.name(frozenset(",:()"))
    if name == "*":
        return everything
    label = name
    if cursor.peek() == ":" and not cursor.text.startswith("::", cursor.at):
        cursor.skip(":")
        name = cursor.name(frozenset(",:()"))
    if cursor.peek() == "(":
        raise DataError(
            f"Could not find a relationship between '{shape.name}' and another table",
            code="PGRST200",
            details="Embedded tables and aggregates are not offered.",
        )
    if cursor.peek() == ":":
        raise cursor.error("casts are not offered;")
    if name not in shape.columns:
        raise no_column(shape.name, name)
    if len(label) > _ALIAS_LENGTH or not label.isprintable():
        raise cursor.error(f"an alias is at most {_ALIAS_LENGTH} printable characters;")
    return (Selected(name, label),)


def order(shape: Shape, text: str) -> tuple[Ordered, ...]:
    """``created_at.desc.nullslast,id``. An empty text orders nothing. Raises ``DataError``."""
    if not text.strip():
        return ()
    cursor = Cursor(text, "order")
    terms: list[Ordered] = []
    while True:
        name = cursor.name(frozenset(".,"))
        if name not in shape.columns:
            raise no_column(shape.name, name)
        terms.append(_ordered(name, cursor))
        if len(terms) > limits.ORDER_TERMS:
            raise too_much(f"An order has at most {limits.ORDER_TERMS} terms.")
        if not cursor.skip(","):
            break
    cursor.finish()
    return tuple(terms)


def _ordered(name: str, cursor: Cursor) -> Ordered:
    words = []
    while cursor.skip("."):
        words.append(cursor.until(".,").strip())
    descending = words[:1] == ["desc"]
    if words[:1] in (["asc"], ["desc"]):
        words = words[1:]
    nulls = {"nullsfirst": True, "nullslast": False}
    if not words:
        return Ordered(name, descending)
    if len(words) > 1 or words[0] not in nulls:
        raise cursor.error("expected asc, desc, nullsfirst or nullslast")
    return Ordered(name, descending, nulls[words[0]])


def names(shape: Shape, text: str, what: str) -> tuple[str, ...]:
    """The columns of a body: ``"title","body"``. Raises PGRST204 for one that is not offered."""
    cursor = Cursor(text, what)
    found: dict[str, None] = {}
    while True:
        name = cursor.name(_COMMA)
        if name not in shape.columns:
            raise no_body_column(shape.name, name)
        found[name] = None
        if not cursor.skip(","):
            break
    cursor.finish()
    return tuple(found)
