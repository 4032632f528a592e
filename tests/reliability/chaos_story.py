"""A small story of one person, as a ledger and a database tell it, for tests to falsify."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from reliability.chaos.found import Event, Found, Reading, Session
from reliability.chaos.judging import Evidence, judge
from reliability.chaos.judging.evidence import Phase
from reliability.chaos.ledger import Act, Call, Ledger, Token

SESSION = str(UUID(int=1))
ACCOUNT = str(UUID(int=9))
REFUSED = "mfa_verification_failed"


class Story:
    """Ann signs in, guesses wrong, is right, and refreshes. Each call takes a second."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.ann = self.ledger.life("ann")
        self.ann.account = ACCOUNT
        self.events: list[Event] = []
        self.readings: list[Reading] = []
        self.now = 0.0
        self.sign_in = self.call(Act.SIGN_IN, "200", got=1, writes="signed_in")
        self.wrong = self.call(Act.VERIFY, REFUSED, right=False, writes="factor_refused")
        self.read_counter(1)
        self.right = self.call(
            Act.VERIFY, "200", got=2, proof="phone 7", level="aal1", writes="factor_verified"
        )
        self.read_counter(0)
        self.refresh = self.call(Act.REFRESH, "200", shown=2, got=3)
        self.read = self.call(Act.READ, "200", level="aal2")
        self.ann.holds = token(3)
        self.session = Session(SESSION, ACCOUNT, generation=3, verified_at=4.0, elevations=1)
        self.phases = [Phase("A fault", began=0.0, ended=1.5, ready=2.0, settled=12.0)]
        self.may_break = False

    def call(
        self,
        act: Act,
        outcome: str,
        *,
        got: int = 0,
        shown: int = 0,
        writes: str = "",
        **about: Any,
    ) -> Call:
        """A call that was no surprise, unless ``allowed`` says so, and the events of it."""
        number = self.ledger.number()
        about.setdefault("allowed", frozenset({outcome}))
        call = Call(f"call {number}", "ann", act, wish=about.pop("wish", number), **about)
        call.session = SESSION
        call.begun, call.ended = self.now + 1, self.now + 2
        self.now += 2
        if outcome:
            call.status = int(outcome) if outcome.isdecimal() else 422
            call.code = "" if outcome.isdecimal() else outcome
        call.shown, call.got = token(shown), token(got)
        self.ann.calls.append(call)
        self.write(call, *writes.split())
        return call

    def write(self, call: Call, *kinds: str) -> None:
        at = self.now
        self.events += [Event(kind, call.name, ACCOUNT, SESSION, at) for kind in kinds]

    def read_counter(self, count: int, kind: str = "totp") -> None:
        self.readings.append(Reading(self.now + 0.1, self.now + 0.2, {(ACCOUNT, kind): count}))
        self.now += 1

    def broken(self) -> list[str]:
        """The promises that did not hold, by the names of their functions' files."""
        found = Found({SESSION: self.session}, self.events, self.readings)
        evidence = Evidence(self.ledger, found, self.phases, self.may_break)
        return [promise for promise, wrong in judge(evidence).items() if wrong]

    def change_session(self, **values: Any) -> None:
        self.session = replace(self.session, **values)


def token(counter: int) -> Any:
    return Token(SESSION, counter) if counter else None
