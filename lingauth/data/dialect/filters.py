"""Filters: ``col=op.value`` and the logic trees ``or=(…)``, ``and=(…)``, ``not.or=(…)``."""

from __future__ import annotations

from typing import Final

from . import limits
from .cursor import Cursor
from .errors import DataError, no_column, too_much
from .shapes import Column, Condition, Group, Kind, Op, Scalar, Shape
from .values import from_text, pattern

_IS: Final = {"null": None, "unknown": None, "true": True, "false": False}
_PATTERNS: Final = (Op.LIKE, Op.ILIKE)
_TREES: Final = {"and": (False, False), "or": (True, False),
                 "not.and": (False, True), "not.or": (True, True)}  # fmt: skip
_STOPS: Final = frozenset(",)")


class Filters:
    """Collects the filters of one request against ``shape``, within the limits."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.members: list[Condition | Group] = []
        self.count = 0

    def add(self, key: str, text: str) -> None:
        """One parameter of the query string. Raises ``DataError``."""
        if key in _TREES:
            cursor = Cursor(text, "logic tree")
            self.members.append(self._tree(cursor, key, depth=1))
            cursor.finish()
            return
        head = Cursor(key, "filter")
        name = head.quoted() if head.peek() == '"' else key
        if head.at and not head.done:
            name = key
        cursor = Cursor(text, "filter")
        self.members.append(self._condition(cursor, name, nested=False))
        cursor.finish()

    def group(self) -> Group:
        return Group(tuple(self.members))

    def _tree(self, cursor: Cursor, key: str, *, depth: int) -> Group:
        if depth > limits.DEPTH:
            raise too_much(f"Groups go at most {limits.DEPTH} deep.")
        disjunct, negated = _TREES[key]
        members: list[Condition | Group] = []
        cursor.expect("(")
        while True:
            members.append(self._member(cursor, depth=depth))
            if not cursor.skip(","):
                break
        cursor.expect(")")
        return Group(tuple(members), any=disjunct, negated=negated)

    def _member(self, cursor: Cursor, *, depth: int) -> Condition | Group:
        for key in _TREES:
            if cursor.text.startswith(f"{key}(", cursor.at):
                cursor.at += len(key)
                return self._tree(cursor, key, depth=depth + 1)
        name = cursor.name(frozenset(".,()"))
        cursor.expect(".")
        return self._condition(cursor, name, nested=True)

    def _condition(self, cursor: Cursor, name: str, *, nested: bool) -> Condition:
        self.count += 1
        if self.count > limits.CONDITIONS:
            raise too_much(f"A request has at most {limits.CONDITIONS} conditions.")
        column = self.shape.columns.get(name)
        if column is None:
            raise no_column(self.shape.name, name)
        word = cursor.until(".,()")
        negated = word == "not" and cursor.skip(".")
        if negated:
            word = cursor.until(".,()")
        try:
            op = Op(word)
        except ValueError:
            raise cursor.error("expected an operator (eq, gt, …)") from None
        cursor.expect(".")
        if op is Op.IN:
            return Condition(column.name, op, self._list(cursor, column), negated)
        text = cursor.value(_STOPS) if nested else cursor.rest()
        return _single(cursor, column, op, text, negated)

    def _list(self, cursor: Cursor, column: Column) -> tuple[Scalar, ...]:
        """The values of ``(a,"b,c")``. ``()`` is the empty list, which matches no row."""
        cursor.expect("(")
        if cursor.skip(")"):
            return ()
        values: list[Scalar] = []
        while True:
            values.append(from_text(column, cursor.value(_STOPS)))
            if len(values) > limits.LIST_VALUES:
                raise too_much(f"A list has at most {limits.LIST_VALUES} values.")
            if not cursor.skip(","):
                break
        cursor.expect(")")
        return tuple(values)


def _single(cursor: Cursor, column: Column, op: Op, text: str, negated: bool) -> Condition:
    if op is Op.IS:
        word = text.strip().lower()
        if word not in _IS:
            raise cursor.error("expected null, true, false or unknown")
        value = _IS[word]
        if value is not None and column.kind is not Kind.BOOLEAN:
            raise DataError(
                f"argument of IS {word.upper()} must be type boolean, not type {column.kind}",
                code="42804",
            )
        return Condition(column.name, op, value, negated)
    if op in _PATTERNS:
        if column.kind is not Kind.TEXT:
            raise DataError(
                f"operator {op} does not apply to type {column.kind}",
                code="42883",
                hint="Patterns match text columns.",
            )
        return Condition(column.name, op, pattern(text), negated)
    return Condition(column.name, op, from_text(column, text), negated)
