"""From the dialect's conditions and orders to the ORM's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_

from django.db.models import F, Q
from django.db.models.expressions import OrderBy

from lingauth.data.dialect import Condition, Group, Op, Ordered, Pattern
from lingauth.data.matching import Matches
from lingauth.data.registry import Table

_LOOKUPS = {Op.GT: "gt", Op.GTE: "gte", Op.LT: "lt", Op.LTE: "lte", Op.IN: "in"}


def where(table: Table, group: Group) -> Q:
    """``group`` as a ``Q`` that is true exactly where SQL's three-valued logic says true.

    Negations are pushed down to the comparisons: Django's own ``~Q`` lets NULLs through, where
    ``NOT (column = value)`` does not.
    """
    return _group(table, group, flip=False)


def _group(table: Table, group: Group, *, flip: bool) -> Q:
    flip ^= group.negated
    members = [
        _group(table, member, flip=flip)
        if isinstance(member, Group)
        else _condition(table, member, flip=flip)
        for member in group.members
    ]
    return reduce(or_ if group.any ^ flip else and_, members, Q())


def _condition(table: Table, condition: Condition, *, flip: bool) -> Q:
    path = table.paths[condition.column]
    nullable = table.shape.columns[condition.column].nullable
    op, value = condition.op, condition.value
    negated = condition.negated ^ flip ^ (op is Op.NEQ)
    if op is Op.IS:
        # IS never yields NULL, so Django's two-valued negation is the right one here.
        found = Q(**{f"{path}__isnull": True}) if value is None else Q(**{path: value})
        return ~found if negated else found
    if isinstance(value, Pattern):
        found = Q(Matches(path, value, ignore_case=op is Op.ILIKE))
    elif op in _LOOKUPS:
        found = Q(**{f"{path}__{_LOOKUPS[op]}": value})
    else:
        found = Q(**{path: value})
    if not negated:
        return found
    return ~found & Q(**{f"{path}__isnull": False}) if nullable else ~found


def ordering(table: Table, terms: Iterable[Ordered]) -> list[OrderBy]:
    """``terms`` and then the key, so that pages never overlap.

    NULLs come last, and first when descending, unless the term says otherwise: PostgreSQL's
    rule, which SQLite does not share.
    """
    ordered = [*terms]
    if all(term.column != table.shape.key for term in ordered):
        ordered.append(Ordered(table.shape.key))
    return [_order(table, term) for term in ordered]


def _order(table: Table, term: Ordered) -> OrderBy:
    field = F(table.paths[term.column])
    turn = field.desc if term.descending else field.asc
    if not table.shape.columns[term.column].nullable:
        return turn()
    first = term.descending if term.nulls_first is None else term.nulls_first
    return turn(nulls_first=True) if first else turn(nulls_last=True)
