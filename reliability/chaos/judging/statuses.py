"""Nothing but what is expected is answered; or a 503 that says when to come again."""

from __future__ import annotations

from reliability.chaos.judging.evidence import Evidence
from reliability.chaos.ledger import Act, Call

RELOADS = "reloads"
HALF_SENT = "half_sent"
"""A process that is killed between the head of its answer and the rest: nginx has passed on the
head by then, and cannot take it back. About one call in ten thousand."""
CUT_OFF = "without sending complete message body"
WRONG_CLOCK = "wrong_clock"
WITH_A_TOKEN = (Act.VERIFY, Act.RECOVER, Act.MAKE_CODES, Act.READ, Act.USER, Act.SIGN_OUT)
STALE = "insufficient_aal"
CODES = ("mfa_verification_failed", "over_request_rate_limit", "mfa_challenge_expired")


def statuses(evidence: Evidence) -> list[str]:
    return [
        *evidence.ledger.troubles,
        *(phase.broken for phase in evidence.phases if phase.broken),
        *(wrong for call in evidence.ledger.calls() if (wrong := _wrong(call, evidence))),
    ]


def _wrong(call: Call, evidence: Evidence) -> str:
    if call.status is None:
        may_break = evidence.may_break or RELOADS in call.excuses
        may_break |= HALF_SENT in call.excuses and CUT_OFF in call.flaw
        return "" if may_break else f"{call} ({call.flaw or 'it still waits'})"
    if call.flaw:
        return f"{call}: {call.flaw}"
    if call.status == 503 or {call.outcome, str(call.status)} & call.allowed:
        return ""
    if WRONG_CLOCK in call.excuses and _is_for_the_clock(call):
        return ""
    if call.act is Act.MAKE_CODES and call.outcome == STALE and _was_wrong(call, evidence):
        return ""
    return f"{call} [{call.status}], and not {' or '.join(sorted(call.allowed))}"


def _is_for_the_clock(call: Call) -> bool:
    """A node whose clock is wrong may refuse access tokens and codes. Never a session."""
    if call.act in WITH_A_TOKEN and (call.status == 401 or call.outcome == "bad_jwt"):
        return True
    return call.act is Act.VERIFY and call.outcome in CODES


def _was_wrong(call: Call, evidence: Evidence) -> bool:
    """Whether this person may have given a code by a clock that was wrong: that proof may be from
    the future, or too old to be called fresh."""
    calls = evidence.ledger.lives[call.person].calls
    return any(WRONG_CLOCK in before.excuses for before in calls if before.begun < call.begun)
