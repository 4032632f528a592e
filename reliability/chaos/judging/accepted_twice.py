"""Nothing is accepted twice: no code by two sessions, no refresh token for two children."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reliability.chaos.judging.evidence import Evidence
from reliability.chaos.ledger import Act, Call, Token

ACCEPTANCES = ("factor_enrolled", "factor_verified", "recovery_code_used")
ADVANCES = (Act.REFRESH, Act.VERIFY, Act.RECOVER)


def accepted_twice(evidence: Evidence) -> list[str]:
    return [*_codes(evidence), *_tokens(evidence), *_generations(evidence)]


def _codes(evidence: Evidence) -> Iterator[str]:
    """By what people were told, and by the events of calls that nobody heard the answer of."""
    calls = {call.name: call for call in evidence.ledger.calls(Act.VERIFY, Act.RECOVER)}
    accepted = {call.name for call in calls.values() if call.is_done}
    accepted |= {event.call for event in evidence.found.events if event.kind in ACCEPTANCES}
    proofs = Counter(calls[name].proof for name in accepted if name in calls)
    for proof, times in proofs.items():
        if times > 1:
            yield f"The code {proof!r} was accepted {times} times"


def _tokens(evidence: Evidence) -> Iterator[str]:
    children: dict[Token, set[Token]] = {}
    for call in evidence.ledger.calls(Act.REFRESH, Act.STEAL):
        if call.shown is not None and call.got is not None:
            children.setdefault(call.shown, set()).add(call.got)
    for parent, found in children.items():
        place = f"Token {parent.counter} of session {parent.session}"
        if len(found) > 1:
            yield f"{place} has {len(found)} children"
        for child in found:
            if child.session != parent.session or child.counter != parent.counter + 1:
                yield f"{place} has the child {child.counter} of session {child.session}"


def _generations(evidence: Evidence) -> Iterator[str]:
    """A session has advanced as often as was told, and as often more as nobody knows."""
    told: dict[str, list[Call]] = {}
    for call in evidence.ledger.calls():
        for token in (call.got, call.shown):
            if token is not None:
                told.setdefault(token.session, []).append(call)
                break
        else:
            if call.act in ADVANCES:
                told.setdefault(call.session, []).append(call)
    for id_, calls in told.items():
        session = evidence.found.sessions.get(id_)
        last = max((c for c in calls if c.got), key=_counter, default=None)
        if last is None:
            continue
        if session is None:
            yield f"Session {id_} of {last.person} is not in the database"
            continue
        unknown = sum(
            1 for c in calls if c.act in ADVANCES and not c.is_told and c.ended >= last.begun
        )
        if not _counter(last) <= session.generation <= _counter(last) + unknown:
            yield (
                f"Session {id_} of {last.person} has advanced to {session.generation}; "
                f"{_counter(last)} was told, and {unknown} calls were not answered since"
            )


def _counter(call: Call) -> int:
    assert call.got is not None
    return call.got.counter
