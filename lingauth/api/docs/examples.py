"""The examples, recorded from real answers into ``examples.json``; the tests hold them to that.

``pytest tests/lingauth/api/docs --record-examples`` records them anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FILE = "examples.json"
BASE, NAME = "https://auth.example.com/b/demo", "Example"
"""The backend's base URL and name in the recordings; a description has its own in their place."""


@dataclass(frozen=True, slots=True)
class Example:
    """One exchange: what was sent and what came back; None where there was no body."""

    name: str
    body: Any
    status: int
    answer: Any

    @property
    def ok(self) -> bool:
        return self.status < 400


@cache
def _recorded() -> dict[str, tuple[Example, ...]]:
    text = files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    return {key: tuple(Example(**row) for row in rows) for key, rows in json.loads(text).items()}


def of(operation_id: str) -> tuple[Example, ...]:
    """The examples of an operation."""
    return _recorded().get(operation_id, ())


def refused(operation_id: str, status: int, codes: set[str]) -> list[Example]:
    """Examples of being refused with a status: the operation's own, or else any call's that was
    refused with one of these codes, for refusals are worded alike everywhere."""
    if own := [example for example in of(operation_id) if example.status == status]:
        return own
    everywhere = {
        example.answer["code"]: example
        for examples in _recorded().values()
        for example in examples
        if example.status == status and example.answer["code"] in codes
    }
    return [everywhere[code] for code in sorted(everywhere)]
