"""A database that fails at a chosen moment: at the n-th statement, or at the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

LOST = "server closed the connection unexpectedly"


class Fuse:
    """Lets ``left`` statements pass, then fails every one. ``blown``: it came to that."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.blown = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        if self.left <= 0:
            self.blown = True
            raise OperationalError(LOST)
        self.left -= 1
        return execute(sql, params, many, context)


@contextmanager
def failing_after(statements: int) -> Iterator[Fuse]:
    fuse = Fuse(statements)
    with connection.execute_wrapper(fuse):
        yield fuse


@contextmanager
def failing_commits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fuse]:
    """Everything works but the commit."""
    fuse = Fuse(0)

    def commit() -> None:
        fuse.blown = True
        raise OperationalError(LOST)

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", commit)
        yield fuse
