"""What people were told, call by call. Nothing in it is changed once the call has ended."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from math import inf
from threading import Lock
from typing import Any

from lingauth.core.refresh import decode


class Act(StrEnum):
    """What a call was for."""

    SIGN_UP = "sign up"
    SET_UP = "set up a factor"
    SIGN_IN = "sign in"
    VERIFY = "give a code"
    RECOVER = "give a recovery code"
    MAKE_CODES = "make recovery codes"
    REFRESH = "refresh"
    STEAL = "use a stolen token"
    READ = "read data"
    USER = "get the user"
    SIGN_OUT = "sign out"


@dataclass(frozen=True, slots=True)
class Token:
    """A refresh token: of which session, and its number there. That is all there is to one: with
    another secret key it is spelled otherwise."""

    session: str
    counter: int

    @classmethod
    def of(cls, text: str) -> Token:
        claim = decode(text)
        assert claim is not None, "that is no refresh token"
        return cls(str(claim.session_id), claim.counter)


@dataclass(slots=True)
class Call:
    """One request, and what was told. ``name`` went with it, so that rows can be found by it.

    ``allowed`` are the outcomes that surprise nobody. ``wish`` is the same for all tries of one
    thing. ``right``: the person knew the password or code to be right, and unused as far as told.
    """

    name: str
    person: str
    act: Act
    allowed: frozenset[str]
    wish: int
    session: str = ""
    level: str = ""
    shown: Token | None = None
    key: str = ""
    proof: str = ""
    right: bool = True
    begun: float = 0.0
    ended: float = inf
    status: int | None = None
    code: str = ""
    retry_after: float | None = None
    request_id: str = ""
    got: Token | None = None
    flaw: str = ""
    excuses: frozenset[str] = frozenset()

    @property
    def is_told(self) -> bool:
        """Whether the person knows what became of it."""
        return self.status is not None and self.status != 503

    @property
    def is_done(self) -> bool:
        return self.status is not None and self.status < 300

    @property
    def outcome(self) -> str:
        """The status of what was done, the code of what was refused; empty: nothing was heard."""
        if self.status is None:
            return ""
        return str(self.status) if self.is_done else self.code or str(self.status)

    def __str__(self) -> str:
        said = self.outcome or "no answer"
        return f"{self.person}: {self.act} ({self.name}): {said}"


@dataclass(slots=True)
class Life:
    """One person's part: who they are, their calls, and what they hold in the end."""

    name: str
    account: str = ""
    calls: list[Call] = field(default_factory=list)
    holds: Token | None = None


class Ledger:
    """Everybody's. Threads append to it; it is judged when they have stopped."""

    def __init__(self) -> None:
        self.lives: dict[str, Life] = {}
        self.troubles: list[str] = []
        """What went wrong with the people themselves: no run with one of these proves anything."""
        self._numbers = itertools.count(1)
        self._lock = Lock()

    def life(self, name: str) -> Life:
        with self._lock:
            return self.lives.setdefault(name, Life(name))

    def number(self) -> int:
        """A new one."""
        return next(self._numbers)

    def calls(self, *acts: Act) -> Iterator[Call]:
        """All, or those of some acts."""
        for life in list(self.lives.values()):
            for call in list(life.calls):
                if not acts or call.act in acts:
                    yield call

    def __len__(self) -> int:
        return sum(len(life.calls) for life in list(self.lives.values()))


def digest(secret: Any) -> str:
    """Enough of one to tell secrets apart."""
    return sha256(str(secret).encode()).hexdigest()[:16]
