"""No honest person is signed out: whoever keeps their tokens and their keys is served."""

from __future__ import annotations

from collections.abc import Iterator

from reliability.chaos.judging.evidence import Evidence
from reliability.chaos.ledger import Act, Call

WHY = {"signed_out": Act.SIGN_OUT, "refresh_replayed": Act.STEAL}
"""What people did who ended a session, by the reason that its row has."""


def signed_out(evidence: Evidence) -> list[str]:
    return [*_refused(evidence), *_not_there(evidence), *_ended(evidence)]


def _refused(evidence: Evidence) -> Iterator[str]:
    for call in evidence.ledger.calls(Act.REFRESH):
        if call.is_told and not call.is_done and call.allowed == {"200"}:
            yield f"{call}, though the token was good"


def _not_there(evidence: Evidence) -> Iterator[str]:
    for life in evidence.ledger.lives.values():
        if life.holds is None:
            yield f"{life.name} holds no session in the end"
            continue
        session = evidence.found.sessions.get(life.holds.session)
        if session is None or session.is_ended:
            yield f"{life.name} holds a session that the database has ended"
        elif session.generation != life.holds.counter:
            yield (
                f"{life.name} holds token {life.holds.counter} of a session whose newest is "
                f"{session.generation}"
            )


def _ended(evidence: Evidence) -> Iterator[str]:
    calls: dict[tuple[str, Act], list[Call]] = {}
    for call in evidence.ledger.calls(*WHY.values()):
        calls.setdefault((call.session, call.act), []).append(call)
    for session in evidence.found.sessions.values():
        asked = WHY.get(session.end_reason)
        if session.is_ended and (asked is None or (session.id, asked) not in calls):
            yield f"A session was ended ({session.end_reason}), and nobody asked for it"
    for (id_, act), tries in calls.items():
        row = evidence.found.sessions.get(id_)
        done = any(call.is_told and _ends(call) for call in tries)
        if done and (row is None or not row.is_ended):
            yield f"{tries[-1]}: it was told that the session ended, which it has not ({act})"


def _ends(call: Call) -> bool:
    return call.is_done if call.act is Act.SIGN_OUT else not call.is_done
