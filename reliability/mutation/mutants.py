"""The mutants of a file, each one change of its text."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, PositionProvider

from reliability.mutation.left_out import is_left_out, is_whole_left_out
from reliability.mutation.operators import OPERATORS
from reliability.results import ROOT


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. ``function`` is the outermost one it is in, empty for what runs at import."""

    path: str
    function: str
    lines: tuple[int, ...]
    """The lines that a test must run to have a chance."""
    start: int
    end: int
    text: str
    diff: str
    """Lines that go, with ``-``, and lines that come, with ``+``."""
    names: frozenset[str] = frozenset()
    """Of what runs at import: what it gives a name to, which is where it may be noticed."""

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".")

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is, wherever its lines move."""
        return self.path, self.function, self.diff

    def source(self, original: str) -> str:
        return original[: self.start] + self.text + original[self.end :]


def of_file(path: str) -> list[Mutant]:
    """All mutants of a file of ours, in its order. ``path`` is relative to the repository."""
    source = (ROOT / path).read_text()
    wrapper = MetadataWrapper(cst.parse_module(source))
    visitor = _Visitor(path, source, wrapper.module)
    wrapper.visit(visitor)
    found: dict[tuple[int, int, str], Mutant] = {}
    for mutant in visitor.found:
        found.setdefault((mutant.start, mutant.end, mutant.text), mutant)
    return sorted(found.values(), key=lambda mutant: mutant.lines)


def files(places: Sequence[str]) -> list[str]:
    """The Python files at and below these paths."""
    if missing := [place for place in places if not (ROOT / place).exists()]:
        raise SystemExit(f"There is no {' and no '.join(missing)}.")
    return [
        str(file.relative_to(ROOT))
        for place in places
        for file in (
            sorted((ROOT / place).rglob("*.py")) if (ROOT / place).is_dir() else [ROOT / place]
        )
    ]


class _Visitor(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, path: str, source: str, module: cst.Module) -> None:
        self.path, self.source, self.module = path, source, module
        self.found: list[Mutant] = []
        self._above: list[cst.CSTNode] = []
        self._starts = [0]
        for line in source.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def on_visit(self, node: cst.CSTNode) -> bool:
        if is_whole_left_out(node, self._above):
            return False
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                for new in operator(node):
                    if not is_left_out(node, new, self._above):
                        self._add(node, new)
        self._above.append(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if self._above and self._above[-1] is original_node:
            self._above.pop()

    def _add(self, node: cst.CSTNode, new: cst.CSTNode) -> None:
        """As a change of the smallest piece of text around it whose place is known for sure."""
        old, put = node, new
        for parent in (*reversed(self._above), self.module):
            if (span := self._span(old)) is not None:
                break
            put = parent.deep_replace(old, put)
            old = parent
        else:
            span = 0, len(self.source)
        text = self.module.code_for_node(put).strip()
        changed = self.source[: span[0]] + text + self.source[span[1] :]
        if changed == self.source:
            return
        self.found.append(
            Mutant(
                self.path,
                self._function(node),
                self._lines(node),
                *span,
                text,
                _diff(self.source, changed) + self._whose(node),
                self._names(node),
            )
        )

    def _span(self, node: cst.CSTNode) -> tuple[int, int] | None:
        place = self.get_metadata(PositionProvider, node, None)
        if place is None:
            return None
        start = self._starts[place.start.line - 1] + place.start.column
        end = self._starts[place.end.line - 1] + place.end.column
        written = self.source[start:end]
        if not written.strip() or written.strip() != self.module.code_for_node(node).strip():
            return None
        return start + len(written) - len(written.lstrip()), end - len(written) + len(
            written.rstrip()
        )

    def _function(self, node: cst.CSTNode) -> str:
        """The name of the outermost function around it, with its classes."""
        names = []
        chain = [*self._above, node]
        for parent, child in pairwise(chain):
            if isinstance(parent, cst.ClassDef):
                names.append(parent.name.value)
            if isinstance(parent, cst.FunctionDef) and child is parent.body:
                return ".".join([*names, parent.name.value])
        return ""

    @staticmethod
    def _whose(node: cst.CSTNode) -> str:
        """A decorator's line does not tell what it is on."""
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            return f"\n {node.name.value}"
        return ""

    def _names(self, node: cst.CSTNode) -> frozenset[str]:
        if self._function(node):
            return frozenset()
        names: set[str] = set()
        for around in [*self._above, node]:
            match around:
                case cst.FunctionDef() | cst.ClassDef():
                    names = {around.name.value}
                case cst.Assign():
                    names = {
                        name.value
                        for target in around.targets
                        for name in m.findall(target, m.Name())
                        if isinstance(name, cst.Name)
                    }
                case cst.AnnAssign(target=cst.Name(value=name)):
                    names = {name}
        return frozenset(names)

    def _lines(self, node: cst.CSTNode) -> tuple[int, ...]:
        """Its own, and the first of its statement: coverage counts some as the one, some so."""
        lines: set[int] = set()
        for around in reversed([*self._above, node]):
            place = self.get_metadata(PositionProvider, around, None)
            if place is not None and not lines:
                is_block = isinstance(around, cst.BaseCompoundStatement)
                last = place.start.line if is_block else place.end.line
                lines.update(range(place.start.line, last + 1))
            if isinstance(around, cst.BaseStatement | cst.SimpleStatementLine):
                if place is not None:
                    lines.add(place.start.line)
                break
        return tuple(sorted(lines))


def _diff(before: str, after: str) -> str:
    lines: Iterator[str] = difflib.unified_diff(
        before.splitlines(), after.splitlines(), lineterm="", n=0
    )
    told = [
        line[0] + line[1:].strip() for line in lines if not line.startswith(("---", "+++", "@@"))
    ]
    return "\n".join(told)
