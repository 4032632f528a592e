"""What a seeding program leaves for the load generator. Standard library only: peers use it too."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

PASSWORD = "a horse of another colour"
"""Everybody's. No list of common passwords has it."""

Item = TypeVar("Item")
Request = tuple[str, str]


def request(method: str, path: str, headers: dict[str, str] | None = None, body: Any = None) -> str:
    """An HTTP/1.1 request. A body may hold ``{{code}}`` or ``{{token}}``."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    text = ""
    if body is not None:
        text = json.dumps(body)
        lines += ["Content-Type: application/json", "Content-Length: {{length}}"]
    return "\r\n".join(lines) + "\r\n\r\n" + text


class Plans:
    """The operations of one participant, by name."""

    def __init__(self) -> None:
        self.all: dict[str, dict[str, Any]] = {}

    def add(
        self,
        operation: str,
        requests: Iterable[Request],
        *,
        mode: str = "cycle",
        status: int = 200,
        has: str,
        after: str = "",
    ) -> None:
        """``has`` is in every right answer's body; a chain's next token stands ``after`` that."""
        self.all[operation] = {
            "mode": mode,
            "status": status,
            "has": has,
            "after": after,
            "requests": list(requests),
        }

    def write(self, file: str) -> None:
        Path(file).write_text(json.dumps(self.all))


def progress(what: str, items: Sequence[Item], size: int = 2000) -> Iterator[Sequence[Item]]:
    """The items in batches, with a bar on standard error."""
    total = len(items)
    for start in range(0, total, size):
        yield items[start : start + size]
        done = min(start + size, total)
        bar = "#" * (30 * done // total)
        print(f"\r  {what:<28} [{bar:<30}] {done:,}/{total:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
