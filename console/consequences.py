"""What a change of the MFA policy will do, in words: the text of the confirmation page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.impact import Affected
from console.words import lasting, moment
from lingauth.core.gate import MfaMode, in_force
from lingauth.models import Backend

TITLE = "Require MFA for all signed-in users"


@dataclass(frozen=True, slots=True)
class Consequence:
    """The question, its consequences sentence by sentence, and the word on the button."""

    question: str
    sentences: tuple[str, ...]
    act: str
    lowers: bool = False


def describe(
    backend: Backend, changes: Mapping[str, Any], affected: Affected, at: datetime
) -> Consequence:
    """The consequence of applying ``changes`` to ``backend`` at ``at``."""
    mode = MfaMode(changes.get("mfa_mode", backend.mfa_mode))
    starts_at = changes.get("mfa_starts_at", backend.mfa_starts_at)
    grace = changes.get("mfa_grace", backend.mfa_grace)
    bites = in_force(backend.policy, at)
    if mode is MfaMode.OPTIONAL:
        return _stops(bites)
    if mode is MfaMode.OBSERVE:
        return _observes(bites, affected)
    if starts_at is not None and starts_at > at:
        return _starts_later(starts_at, grace, bites, affected)
    if bites:
        return _grace_changes(grace, affected)
    return _starts_now(grace, affected)


def _stops(bites: bool) -> Consequence:
    if not bites:
        return Consequence(
            question="Turn this off?",
            sentences=("Nothing was blocked so far, and nothing will be.",),
            act="Turn off",
            lowers=True,
        )
    return Consequence(
        question="Stop requiring MFA?",
        sentences=(
            "Signed-in users reach data without a code from their next request on.",
            "Sessions that have confirmed a code keep it.",
            "People who set up an authenticator keep it, and are still asked for a code when they "
            "sign in.",
        ),
        act="Stop requiring MFA",
        lowers=True,
    )


def _observes(bites: bool, affected: Affected) -> Consequence:
    first = (
        "Signed-in users reach data without a code from their next request on."
        if bites
        else "Nothing is blocked."
    )
    return Consequence(
        question="Stop blocking, and observe?" if bites else "Observe first?",
        sentences=(first, f"Requests that would have been refused are counted. {_today(affected)}"),
        act="Observe",
        lowers=bites,
    )


def _today(affected: Affected) -> str:
    return (
        f"Today that would be {_sessions(affected)}, "
        f"and {_people(affected)} without an authenticator."
    )


def _starts_later(starts_at: datetime, grace: int, bites: bool, affected: Affected) -> Consequence:
    until = (
        "Until then signed-in users reach data without a code."
        if bites
        else "Until then nothing changes."
    )
    return Consequence(
        question=f"{TITLE} from {moment(starts_at)}?",
        sentences=(until, _today(affected), *_grace_sentence(grace), UNTOUCHED),
        act="Require MFA from then",
        lowers=bites,
    )


def _starts_now(grace: int, affected: Affected) -> Consequence:
    left = affected.sessions.left
    asked = f"{_sessions(affected)} will be asked for a code on {_their(left)} next request."
    if not left:
        asked = "No open session is without a code: nobody is interrupted."
    missing = affected.accounts.left
    if not missing:
        people = "Everyone has an authenticator."
    elif grace:
        people = (
            f"{_people(affected)} without an authenticator {'has' if missing == 1 else 'have'} "
            f"{lasting(grace)} to set one up, and "
            f"{'reads' if missing == 1 else 'read'} data as before until then."
        )
    else:
        people = f"{_people(affected)} will be asked to set up an authenticator first."
    return Consequence(
        question=f"{TITLE}, starting now?",
        sentences=(f"{asked} {people}", UNTOUCHED),
        act="Require MFA",
    )


def _grace_changes(grace: int, affected: Affected) -> Consequence:
    if not grace:
        what = f"{_people(affected)} without an authenticator will be asked to set one up at once."
    else:
        what = (
            f"People without an authenticator have {lasting(grace)} to set one up, counted once "
            "per person from the first requirement or from their sign-up."
        )
    return Consequence(
        question="Change the time to set up?", sentences=(what,), act="Change the time"
    )


UNTOUCHED = "Nobody is signed out. Requests made with the anon key are not affected."


def _grace_sentence(grace: int) -> tuple[str, ...]:
    if not grace:
        return ()
    return (f"From then, people without an authenticator have {lasting(grace)} to set one up.",)


def _sessions(affected: Affected) -> str:
    left = affected.sessions
    return f"{left.left:,}{left.more} open session{'' if left.left == 1 else 's'}"


def _people(affected: Affected) -> str:
    left = affected.accounts
    return f"{left.left:,}{left.more} {'person' if left.left == 1 else 'people'}"


def _their(number: int) -> str:
    return "its" if number == 1 else "their"
