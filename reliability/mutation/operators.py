"""What is done to the code: mutmut's operators on single nodes, and a few that it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst
from mutmut.mutation.mutators import mutation_operators, operator_string

Operator = Callable[[Any], Iterable[cst.CSTNode]]

_SAME_AS_FLIPPED = cst.Equal | cst.NotEqual | cst.Is | cst.IsNot | cst.In | cst.NotIn


def string(node: cst.BaseString) -> Iterable[cst.CSTNode]:
    """mutmut's first change, ``XX`` around the text; its others are in capitals and in small
    letters, and no test that notices the first could miss them but by ignoring case."""
    yield from list(operator_string(node))[:1]


def condition(node: cst.If | cst.While | cst.CompIf | cst.IfExp) -> Iterable[cst.CSTNode]:
    """The other way round, where no other operator does the same."""
    test = node.test
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return
    if (
        isinstance(test, cst.Comparison)
        and len(test.comparisons) == 1
        and isinstance(test.comparisons[0].operator, _SAME_AS_FLIPPED)
    ):
        return
    bracketed = test.with_changes(
        lpar=[*test.lpar, cst.LeftParen()], rpar=[*test.rpar, cst.RightParen()]
    )
    turned = cst.UnaryOperation(cst.Not(), bracketed)
    yield node.with_deep_changes(node, test=turned)


def statement(node: cst.SimpleStatementLine) -> Iterable[cst.CSTNode]:
    """Without it: calls for their effect, ``raise``, ``del``, ``return`` of nothing."""
    if len(node.body) != 1:
        return
    only = node.body[0]
    is_call = isinstance(only, cst.Expr) and isinstance(only.value, cst.Call)
    is_bare = isinstance(only, cst.Return) and only.value is None
    if is_call or is_bare or isinstance(only, cst.Raise | cst.Del):
        yield node.with_changes(body=[cst.Pass()])


def returned(node: cst.Return) -> Iterable[cst.CSTNode]:
    """Nothing is returned."""
    if node.value is not None and not _is_none(node.value):
        yield node.with_changes(value=cst.Name("None"))


def loop(node: cst.For) -> Iterable[cst.CSTNode]:
    """There is nothing to go through."""
    yield node.with_changes(iter=cst.Tuple([]))


def handler(node: cst.ExceptHandler) -> Iterable[cst.CSTNode]:
    """One of the errors is not caught any more."""
    if isinstance(node.type, cst.Tuple):
        for index in range(len(node.type.elements)):
            rest = [e for i, e in enumerate(node.type.elements) if i != index]
            kept = [
                e.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
                for e in rest
            ]
            yield node.with_changes(type=node.type.with_changes(elements=kept))
    elif node.type is not None:
        yield node.with_changes(type=cst.Tuple([]))


def decorator(node: cst.FunctionDef | cst.ClassDef) -> Iterable[cst.CSTNode]:
    """Without one of its decorators."""
    for index in range(len(node.decorators)):
        rest = [d for i, d in enumerate(node.decorators) if i != index]
        yield node.with_changes(decorators=rest)


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


OPERATORS: list[tuple[Any, Operator]] = [
    *((kind, string if made is operator_string else made) for kind, made in mutation_operators),
    (cst.If | cst.While | cst.CompIf, condition),
    (cst.SimpleStatementLine, statement),
    (cst.Return, returned),
    (cst.For, loop),
    (cst.ExceptHandler, handler),
    (cst.FunctionDef | cst.ClassDef, decorator),
]
