"""What is in the database, read past the product: plain rows by plain SQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event as Bell
from threading import Thread
from types import TracebackType
from typing import Any, LiteralString, Self
from uuid import UUID

Ask = Callable[[LiteralString], Sequence[Sequence[Any]]]
"""Answers the rows of a query. What it raises means that the database cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    account: str
    generation: int
    verified_at: Any = None
    end_reason: str = ""
    is_ended: bool = False
    elevations: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """``call`` is the name of the ledger's call that it is about, as the row says."""

    kind: str
    call: str
    account: str = ""
    session: str = ""
    at: Any = None
    request_id: str = ""
    result: str = "ok"


@dataclass(frozen=True, slots=True)
class Reading:
    """How many wrong guesses were counted then, by account and kind of secret."""

    begun: float
    ended: float
    failures: dict[tuple[str, str], int]


@dataclass(slots=True)
class Found:
    sessions: dict[str, Session] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)


_SESSIONS = """
SELECT s.id, a.uuid, s.generation, s.verified_at, s.end_reason, s.ended_at IS NOT NULL,
    s.elevations
FROM lingauth_session s JOIN lingauth_account a ON a.id = s.account_id
"""
_EVENTS = """
SELECT kind, user_agent, account_uuid, session_id, at, request_id, result
FROM lingauth_event WHERE actor_kind <> 'system'
"""
_FAILURES = """
SELECT a.uuid, g.kind, g.failures
FROM lingauth_guesslimit g JOIN lingauth_account a ON a.id = g.account_id
"""


def read(ask: Ask) -> Found:
    """All of it, as it is now."""
    sessions = [
        Session(_name(id_), _name(account), generation, verified_at, reason, bool(ended), raised)
        for id_, account, generation, verified_at, reason, ended, raised in ask(_SESSIONS)
    ]
    events = [
        Event(kind, call, _name(account), _name(session), at, request_id, result)
        for kind, call, account, session, at, request_id, result in ask(_EVENTS)
    ]
    return Found({session.id: session for session in sessions}, events)


class Watch:
    """Reads the counters of guesses again and again, whenever the database can be asked."""

    PAUSE = 0.25

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.readings: list[Reading] = []
        self._enough = Bell()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._enough.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._enough.wait(self.PAUSE):
            begun = time.monotonic()
            try:
                rows = self._ask(_FAILURES)
            except Exception:  # faults are what this is about
                continue
            failures = {(_name(account), kind): count for account, kind, count in rows}
            self.readings.append(Reading(begun, time.monotonic(), failures))


def _name(id_: Any) -> str:
    """An id in its one spelling: SQLite has no UUIDs of its own."""
    return str(UUID(str(id_))) if id_ else ""
