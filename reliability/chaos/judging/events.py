"""No event is lost or doubled: each call has the rows that it was told of, and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reliability.chaos.found import Event
from reliability.chaos.judging.evidence import Evidence
from reliability.chaos.ledger import Act, Call

NONE: tuple[str, ...] = ()
REFUSED = (("factor_refused",), ("factor_locked",))
WRITTEN: dict[tuple[Act, str], tuple[tuple[str, ...], ...]] = {
    (Act.SIGN_UP, "200"): (("signed_in", "signed_up"),),
    (Act.SET_UP, "200"): (("factor_enrolment_started",),),
    (Act.SIGN_IN, "200"): (("signed_in",),),
    (Act.SIGN_IN, "invalid_credentials"): (("sign_in_failed",),),
    (Act.SIGN_IN, "over_request_rate_limit"): (("sign_in_failed",),),
    (Act.VERIFY, "200"): (("factor_verified",), ("factor_enrolled",)),
    (Act.VERIFY, "mfa_verification_failed"): REFUSED,
    (Act.VERIFY, "over_request_rate_limit"): REFUSED,
    (Act.RECOVER, "200"): (("recovery_code_used",),),
    (Act.RECOVER, "mfa_verification_failed"): (("recovery_code_refused",),),
    (Act.RECOVER, "mfa_recovery_codes_locked"): (("recovery_code_refused",),),
    (Act.MAKE_CODES, "200"): (("recovery_codes_made",),),
    (Act.SIGN_OUT, "204"): (("signed_out",),),
}
"""What is written, by what a call was told: one of these. Of other outcomes nothing is."""
REPLAYED = "refresh_replayed"


def events(evidence: Evidence) -> list[str]:
    calls = {call.name: call for call in evidence.ledger.calls()}
    rows: dict[str, list[Event]] = {}
    for event in evidence.found.events:
        rows.setdefault(event.call, []).append(event)
    return [
        *_of_nobody(evidence, calls),
        *(wrong for call in calls.values() for wrong in _of(call, rows.get(call.name, []))),
        *_replays(calls.values().__iter__(), rows),
    ]


def _of_nobody(evidence: Evidence, calls: dict[str, Call]) -> Iterator[str]:
    people = {life.account for life in evidence.ledger.lives.values()}
    for event in evidence.found.events:
        if event.call not in calls and event.account in people:
            yield f"There is an event {event.kind!r}, and no call for it"


def _of(call: Call, rows: list[Event]) -> Iterator[str]:
    kinds = tuple(sorted(row.kind for row in rows))
    if kinds not in _allowed(call):
        yield f"{call}: there are the events {', '.join(kinds) or 'none'}"
    for row in rows:
        if call.request_id and row.request_id != call.request_id:
            yield f"{call}: the event {row.kind!r} has the id of another request"


def _allowed(call: Call) -> set[tuple[str, ...]]:
    if call.act is Act.STEAL:
        return {NONE, (REPLAYED,)}
    if call.is_told:
        return set(WRITTEN.get((call.act, call.outcome), (NONE,)))
    return {NONE} | {
        kinds for (act, _), choice in WRITTEN.items() if act is call.act for kinds in choice
    }


def _replays(calls: Iterator[Call], rows: dict[str, list[Event]]) -> Iterator[str]:
    """One for each theft that was refused, whichever of its tries it was."""
    thefts: dict[int, list[Call]] = {}
    for call in calls:
        if call.act is Act.STEAL:
            thefts.setdefault(call.wish, []).append(call)
    for tries in thefts.values():
        kinds = Counter(row.kind for call in tries for row in rows.get(call.name, []))
        if any(call.is_told for call in tries) and kinds[REPLAYED] != 1:
            yield f"{tries[-1]}: there are {kinds[REPLAYED]} events {REPLAYED!r}"
