"""No counter of guesses is lowered but by a right one; and none counts what nobody guessed."""

from __future__ import annotations

from collections.abc import Iterator

from reliability.chaos.found import Reading
from reliability.chaos.judging.evidence import Evidence
from reliability.chaos.ledger import Act, Call

KINDS = {Act.VERIFY: "totp", Act.RECOVER: "recovery", Act.SIGN_IN: "password"}
LATE = 2.0
"""Seconds for which a call that was not answered may still be under way in the database."""
COUNTED = ("mfa_verification_failed", "invalid_credentials", "mfa_challenge_expired")
"""Other refusals come before a guess is looked at."""


def counters(evidence: Evidence) -> list[str]:
    wrong = []
    for life in evidence.ledger.lives.values():
        for act, kind in KINDS.items():
            calls = [call for call in life.calls if call.act is act]
            for reading in evidence.found.readings:
                count = reading.failures.get((life.account, kind), 0)
                least, most = at_least(calls, reading), at_most(calls, reading)
                if not least <= count <= most:
                    expected = str(least) if least == most else f"{least} to {most}"
                    wrong.append(
                        f"{life.name}: {count} wrong guesses are counted ({kind}), not {expected}, "
                        f"at {reading.begun:.1f}"
                    )
    return wrong


def at_least(calls: list[Call], reading: Reading) -> int:
    """What was told to be wrong after whatever may have been the last right one."""
    last = max((_end(call) for call in _may_reset(calls, reading)), default=0.0)
    return sum(
        1
        for call in calls
        if call.outcome in COUNTED and last < call.begun and call.ended < reading.begun
    )


def at_most(calls: list[Call], reading: Reading) -> int:
    """All that may have been counted since the last one that was told to be right began."""
    right = [call for call in calls if call.is_done and call.ended < reading.begun]
    since = max((call.begun for call in right), default=0.0)
    return sum(
        1
        for call in calls
        if (not call.is_told or call.is_done or call.outcome in COUNTED)
        and call not in right  # each took back what it had cost
        and call.begun < reading.ended
        and _end(call) > since
    )


def _may_reset(calls: list[Call], reading: Reading) -> Iterator[Call]:
    for call in calls:
        is_right = call.is_done or (call.right and not call.is_told)
        if is_right and call.begun < reading.ended:
            yield call


def _end(call: Call) -> float:
    return call.ended if call.is_told else call.ended + LATE
