"""Draws calls from the description, and makes of each one of five kinds:

``described``  as the description allows it, or as it forbids it, by anybody
``right``      set to what is known to succeed, so that what comes after the door is met too
``spiked``     either of these with real secrets in it
``bent``       either of these bent below what a description can say
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.generation.feedback import NO_FEEDBACK

from reliability.fuzz import right
from reliability.fuzz.hostile import bent
from reliability.fuzz.right import Right
from reliability.fuzz.sent import Answer, Sent, of_case
from reliability.fuzz.spiking import spiked
from reliability.fuzz.watching import Watch

_KINDS = {"described": 30, "right": 25, "spiked": 25, "bent": 20}
_MOODS = ("open",) * 6 + ("careful", "closed")
# Extracted constants, and what earlier answers held, would cost more time than they find.
_DRAWN: Any = {"feedback": NO_FEEDBACK}


def cases(operation: Any) -> st.SearchStrategy[Case[Any]]:
    """Calls that the description allows, and where there is anything to say, those it does not."""
    kinds = [operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **_DRAWN)]
    if operation.body or operation.query or operation.path_parameters:
        kinds.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, **_DRAWN))
    return st.one_of(kinds)


class Drawer:
    """Draws for one watch."""

    def __init__(self, watch: Watch) -> None:
        self.watch, self.here = watch, watch.here
        self.right = right.calls(self.here)
        self.callers = sorted(self.here.headers)

    def draw(self, operation: Any, name: str, count: int, number: int) -> None:
        """Make ``count`` calls of one operation; the same for the same ``number``. The first is as
        right as can be, so that few calls have a success among them as well."""
        made = itertools.count()
        if known := self.right.get(name):
            self.plainly(operation, name, known[number % len(known)])
            count -= 1
        if not count:
            return

        @seed(number)
        @settings(
            max_examples=count,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(operation), dice=st.integers(0, 2**64 - 1))
        def make(case: Case[Any], dice: int) -> None:
            # An integer that is drawn is small more often than not, but no case is drawn twice.
            self._one(name, case, Random(f"{number} {next(made)} {dice}"))

        draw: Callable[[], None] = make
        draw()

    def plainly(self, operation: Any, name: str, chosen: Right) -> Answer:
        """A right call and nothing beside it."""
        case = operation.Case(method=operation.method.upper())
        _set(case, chosen, Random(0), plain=True)
        sent = self._sent(case, chosen.caller, chosen)
        return self.watch.alone(name, "right", sent, case, chosen.mood)

    def _sent(self, case: Case[Any], caller: str, chosen: Right | None) -> Sent:
        more = dict(chosen.headers) if chosen else {}
        sent = of_case(case, self.here.headers[caller] | more)
        return replace(sent, body=chosen.raw.encode()) if chosen and chosen.raw else sent

    def _one(self, name: str, case: Case[Any], dice: Random) -> None:
        kind = dice.choices(list(_KINDS), list(_KINDS.values()))[0]
        caller, mood, chosen = dice.choice(self.callers), dice.choice(_MOODS), None
        known = self.right.get(name, [])
        if known and (kind == "right" or (kind != "described" and dice.random() < 0.6)):
            chosen = dice.choice(known)
            _set(case, chosen, dice)
            mood = chosen.mood
            if kind == "right" or dice.random() < 0.7:
                caller = chosen.caller
        sent = self._sent(case, caller, chosen)
        if kind == "spiked":
            sent = spiked(sent, self.watch.canaries.sendable, dice)
        if kind == "bent":
            sent = bent(sent, dice)
        held_to = case if kind in ("described", "right") else None
        self.watch.alone(name, kind, sent, held_to, mood)


def _set(case: Case[Any], chosen: Right, dice: Random, *, plain: bool = False) -> None:
    """Give a case what makes it right. What else was made up stays now and then, unless it is to be
    ``plain``."""
    case.path_parameters = {**(case.path_parameters or {}), **chosen.path}
    rest = (case.query or {}) if not plain and dice.random() < 0.2 else {}
    case.query = {**rest, **chosen.query}
    if plain or dice.random() < 0.7:
        case.headers.clear()
    if chosen.body is not None:
        made_up = case.body if isinstance(case.body, dict) and dice.random() < 0.3 else {}
        case.body = {**made_up, **chosen.body}
        case.media_type = "application/json"
    elif not chosen.raw:
        case.body = NOT_SET
