"""What is not changed, and why. Every rule that makes the score better than it is stands here.

* Annotations, ``if TYPE_CHECKING``, imports: they say nothing at run time, or fail for everybody.
* Docstrings and other strings in three quotes (mutmut's own rule). Those with SQL are run by the
  tests on PostgreSQL, but no operator changes SQL.
* Parts of formatted strings outside the braces: mutmut has no operator for them.
* Sentences for people: strings that begin with a capital and have a space. Their wording is no
  promise. What programs read (codes, reasons, header values) is changed.
* What Python's own errors say (``raise ValueError("…")``): for developers.
* ``__str__`` and ``__repr__``: for people too.
* What goes to the log: calls of a ``logger``.
* Arguments of ``isinstance`` and ``len``: an error at once, whatever the test (mutmut's rule).
* ``cast`` and type variables: annotations in another form.
* ``__slots__`` and the arguments of ``@dataclass``: they save memory and forbid mistakes.
* ``__all__``.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence

import libcst as cst

_SENTENCE = re.compile(r"""[bru]*["'][A-Z][\w'’]*[,:;]? \S""", re.IGNORECASE | re.ASCII)
_CAPITAL = re.compile(r"""[bru]*["'][A-Z]""")
_NO_NEED = {"isinstance", "len", "cast", "TypeVar", "dataclass"}
_OWN_ERRORS = {name for name in dir(builtins) if name.endswith("Error")}
_FOR_PEOPLE = {"__str__", "__repr__"}


def is_whole_left_out(node: cst.CSTNode, above: Sequence[cst.CSTNode]) -> bool:
    """Whether nothing in the node is changed."""
    match node:
        case cst.Annotation() | cst.Import() | cst.ImportFrom() | cst.FormattedStringText():
            return True
        case cst.FunctionDef():
            return node.name.value in _FOR_PEOPLE
        case cst.If(test=cst.Name(value="TYPE_CHECKING")):
            return True
        case cst.Call(func=cst.Name(value=name)) if name in _NO_NEED:
            return True
        case cst.Call(func=cst.Attribute(value=cst.Name(value="logger" | "log" | "_log"))):
            return True
        case cst.Call(func=cst.Name(value=name)) if name in _OWN_ERRORS:
            return bool(above) and isinstance(above[-1], cst.Raise)
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="__slots__" | "__all__"))]):
            return True
        case cst.SimpleString() | cst.ConcatenatedString() | cst.FormattedString():
            return _is_sentence(node) or _is_docstring(above)
    return False


def is_left_out(node: cst.CSTNode, new: cst.CSTNode, above: Sequence[cst.CSTNode]) -> bool:
    """Whether this one change of the node is not made: it would drop a sentence for people."""
    match node, new:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call() as call)]), _:
            return is_whole_left_out(call, above)
        case cst.Call(), cst.Call() if len(node.args) >= len(new.args):
            kept = {id(arg.value) for arg in new.args}
            return any(_is_sentence(arg.value) for arg in node.args if id(arg.value) not in kept)
        case cst.FunctionDef() | cst.ClassDef(), cst.FunctionDef() | cst.ClassDef():
            kept = {id(decorator) for decorator in new.decorators}
            gone = [d.decorator for d in node.decorators if id(d) not in kept]
            return any(is_whole_left_out(d, above) for d in gone)
    return False


def _is_sentence(node: cst.CSTNode) -> bool:
    match node:
        case cst.SimpleString():
            return bool(_CAPITAL.match(node.value) and _SENTENCE.match(node.value))
        case cst.ConcatenatedString():
            return _is_sentence(node.left)
        case cst.FormattedString(parts=[cst.FormattedStringText(value=value), *_]):
            return bool(_CAPITAL.match(f'"{value}') and _SENTENCE.match(f'"{value}x'))
    return False


def _is_docstring(above: Sequence[cst.CSTNode]) -> bool:
    return bool(above) and isinstance(above[-1], cst.Expr)
