"""How often a secret may be guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """After every ``burst`` wrong guesses in a row the next is made to wait, after ``cap`` none is
    looked at until the secret was reset. A rate limit without a cap only moves the date."""

    kind: str
    burst: int
    waits: tuple[timedelta, ...]
    cap: int

    def wait_after(self, failures: int) -> timedelta | None:
        """How long the lock lasts that the ``failures``-th wrong guess sets; None: no lock."""
        rounds, rest = divmod(failures, self.burst)
        if rest or not rounds:
            return None
        return self.waits[min(rounds, len(self.waits)) - 1]


_WAITS = (timedelta(minutes=15), timedelta(minutes=30), timedelta(minutes=60))

TOTP = Rule("totp", burst=5, waits=_WAITS, cap=20)
RECOVERY = Rule("recovery", burst=5, waits=_WAITS, cap=20)
PASSWORD = Rule("password", burst=10, waits=_WAITS, cap=100)
MAIL_CODE = Rule("mail_code", burst=10, waits=_WAITS, cap=100)
