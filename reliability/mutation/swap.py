"""A mutant put into a running process: functions that are alive get the changed code.

Whoever has imported, decorated or wrapped such a function has the same function object, so nothing
needs to be loaded again. Closures and lambdas that were made at import are found as well.
"""

from __future__ import annotations

import functools
import gc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
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

    @contextmanager
    def swapped(self, path: str, before: str, after: str, function: str) -> Iterator[None]:
        """Within the block this outermost function of a file has the code that ``after`` gives it
        instead of ``before``."""
        file = str(ROOT / path)
        changed = [
            (old, new)
            for old, new in zip(_compiled(before, file), _top_level_of(after, file), strict=True)
            if old != new and old.co_qualname == function
        ]
        if not changed:
            raise Unchanged
        pairs = [pair for old, new in changed for pair in self._pairs(old, new)]
        was = [(function, function.__code__) for function, _ in pairs]
        if not was:
            raise LookupError(f"{function} of {path} is nowhere to be found")
        for one, code in pairs:
            one.__code__ = code
        self.forget()
        try:
            yield
        finally:
            for one, code in was:
                one.__code__ = code
            self.forget()

    def _pairs(self, old: CodeType, new: CodeType) -> Iterator[tuple[FunctionType, CodeType]]:
        """The functions alive with that code, and what they are to have; and the same for the
        closures in it."""
        if not new.co_freevars:
            # A closure stays one. Without `super()` in it a method asks for its class no more.
            new = new.replace(co_freevars=old.co_freevars)
        if len(new.co_freevars) == len(old.co_freevars):
            yield from ((function, new) for function in self._alive[_name(old)])
        inner = {code.co_qualname: code for code in _inner(new)}
        for code in _inner(old):
            if (other := inner.get(code.co_qualname)) is not None and other != code:
                yield from self._pairs(code, other)


def _name(code: CodeType) -> _Name:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (const for const in code.co_consts if isinstance(const, CodeType))


def _top_level_of(source: str, file: str) -> list[CodeType]:
    return list(_top_level(compile(source, file, "exec", dont_inherit=True)))


_compiled = functools.cache(_top_level_of)


def _top_level(code: CodeType) -> Iterator[CodeType]:
    """Functions and methods, not those inside of others. A class's body is code that has none of
    the flags of a function."""
    optimized = 0x1  # inspect.CO_OPTIMIZED: a function's locals are not a dict
    for inner in _inner(code):
        if inner.co_flags & optimized:
            yield inner
        else:
            yield from _top_level(inner)
