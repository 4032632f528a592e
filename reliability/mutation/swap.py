"""A mutant put into a running process: functions that are alive get the changed code.

Whoever has imported, decorated or wrapped such a function has the same function object, so nothing
needs to be loaded again. Closures and lambdas that were made at import are found as well.
"""

from __future__ import annotations

import functools
import gc
from collections import defaultdict
from collections.abc import Iterator
from types import CodeType, FunctionType

from reliability.results import ROOT

_Name = tuple[str, str, int]
_Cache = type(functools.lru_cache(len))


class Unchanged(Exception):
    """The mutant compiles to what was there: no mutant."""


class Functions:
    """All functions of the product that are alive, by their code."""

    def __init__(self, package: str) -> None:
        folder, dotted = str(ROOT / package), package.replace("/", ".")
        self._alive: dict[_Name, list[FunctionType]] = defaultdict(list)
        self._caches = []
        for thing in gc.get_objects():
            # By type(), as isinstance() would wake lazy objects up.
            if type(thing) is FunctionType and thing.__code__.co_filename.startswith(folder):
                self._alive[_name(thing.__code__)].append(thing)
            elif type(thing) is _Cache and thing.__module__.startswith(dotted):
                self._caches.append(thing)

    def forget(self) -> None:
        """Empty what the product's functions remember."""
        for cache in self._caches:
            cache.cache_clear()

    def expect(self, path: str, source: str) -> None:
        """Mutants of this come: what each of their forks would do is done for all of them here."""
        _compiled(source, str(ROOT / path))

    def swap(self, path: str, before: str, after: str, function: str) -> None:
        """Put the code of ``after`` where that of ``before`` is, in this outermost function."""
        file = str(ROOT / path)
        changed = [
            (old, new)
            for old, new in zip(
                _compiled(before, file),
                _compiled(after, file),
                strict=True,
            )
            if old != new and old.co_qualname == function
        ]
        if not changed:
            raise Unchanged
        for old, new in changed:
            if not (found := self._alive[_name(old)]):
                raise LookupError(f"{function} of {path} is nowhere to be found")
            self._put(found, new)
            self._within(old, new)
        self.forget()

    def _within(self, old: CodeType, new: CodeType) -> None:
        """The same for closures that are alive already."""
        inner = {code.co_qualname: code for code in _inner(new)}
        for code in _inner(old):
            if (other := inner.get(code.co_qualname)) is not None and other != code:
                self._put(self._alive[_name(code)], other)
                self._within(code, other)

    def _put(self, functions: list[FunctionType], code: CodeType) -> None:
        for function in functions:
            if len(code.co_freevars) == len(function.__code__.co_freevars):
                function.__code__ = code


def _name(code: CodeType) -> _Name:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (const for const in code.co_consts if isinstance(const, CodeType))


@functools.cache
def _compiled(source: str, file: str) -> list[CodeType]:
    return list(_top_level(compile(source, file, "exec", dont_inherit=True)))


def _top_level(code: CodeType) -> Iterator[CodeType]:
    """Functions and methods, not those inside of others. A class's body is code that has none of
    the flags of a function."""
    optimized = 0x1  # inspect.CO_OPTIMIZED: a function's locals are not a dict
    for inner in _inner(code):
        if inner.co_flags & optimized:
            yield inner
        else:
            yield from _top_level(inner)
