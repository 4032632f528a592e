"""One run in one process, over the database that Django's settings name."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import schemathesis

from lingauth.api.docs import document
from lingauth.models import Backend
from reliability.fuzz.drawing import Drawer
from reliability.fuzz.listening import listening
from reliability.fuzz.stories import Teller
from reliability.fuzz.tally import Tally
from reliability.fuzz.watching import Watch
from reliability.fuzz.world import world
from tests.lingauth.api.docs.contract import operations

ROUND = 25
"""Calls of one operation before the next one has its turn."""
STORIES = 8
"""Stories after each round."""


def names() -> list[str]:
    """The ids of all operations."""
    described = document.describe(Backend(ref="acme", name="Acme"))
    return [operation["operationId"] for _, _, operation in operations(described)]


def run(
    calls: int,
    seed: int,
    *,
    only: str | None = None,
    where: str = "",
    stepped: Callable[[int], None] = lambda calls: None,
) -> Tally:
    """Make that many calls, spread over all operations, or of ``only`` one. The same ``seed`` draws
    the same calls; ``stepped`` is told now and then how many were made since the last time."""
    tally = Tally(where=where)
    with listening() as listener, world() as here:
        watch = Watch(here, listener, tally)
        described = document.describe(here.made.backend)
        schema: Any = schemathesis.openapi.from_dict(described)
        schema.app = watch.site
        drawer, teller = Drawer(watch), Teller(watch, schema)
        number = 0
        while tally.calls < calls:
            left = calls - tally.calls
            each = max(1, min(ROUND, left // (1 if only else len(names()))))
            for path, method, operation in operations(described):
                name = operation["operationId"]
                if only in (None, name) and tally.calls < calls:
                    before = tally.calls
                    tally.round = f"seed {seed}, round {number}"
                    whole = Random(f"{seed} {number} {name}").getrandbits(64)
                    drawer.draw(schema[path][method.upper()], name, each, whole)
                    stepped(tally.calls - before)
            if only is None:
                before = tally.calls
                for story in range(STORIES if each == ROUND else 1):
                    if tally.calls < calls:
                        tally.round = f"seed {seed}, round {number}, story {story}"
                        teller.tell(Random(f"{seed} {number} story {story}"))
                stepped(tally.calls - before)
            number += 1
    return tally
