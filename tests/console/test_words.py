"""Numbers, times and consequences in words, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.consequences import describe
from console.impact import Affected, Split
from console.standing import standing
from console.words import count, lasting, mfa_state, moment, waiting
from lingauth.models import Backend
from lingauth.services.policy import Impact

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)


def impact(
    *, accounts: int = 1876, bare: int = 672, opened: int = 359, below: int = 318, cap: bool = False
) -> Affected:
    return Affected.of(Impact(accounts, bare, opened, below, cap))


def sentences(backend: Backend, changes: dict[str, Any], affected: Affected) -> str:
    return " ".join(describe(backend, changes, affected, NOW).sentences)


def test_numbers() -> None:
    assert count(1, "account", "accounts") == "1 account"
    assert count(1204, "account", "accounts") == "1,204 accounts"
    assert lasting(7 * 86400) == "7 days"
    assert lasting(86400) == "1 day"
    assert lasting(129600) == "36 hours"
    assert lasting(90) == "90 seconds"
    assert waiting(59) == "59 seconds"
    assert waiting(61) == "2 minutes"
    assert moment(datetime(2026, 3, 1, 9, 5, tzinfo=UTC)) == "1 Mar 2026, 09:05 UTC"


def test_turning_on_says_who_is_asked_for_what() -> None:
    assert (
        "318 open sessions will be asked for a code on their next request. "
        "672 people will be asked to set up an authenticator first."
    ) in sentences(Backend(), {"mfa_mode": "required"}, impact())


def test_one_of_each_is_singular() -> None:
    said = sentences(Backend(), {"mfa_mode": "required"}, impact(bare=1, below=1))
    assert "1 open session will be asked for a code on its next request." in said
    assert "1 person will be asked to set up an authenticator first." in said


def test_nobody_to_ask_is_said_as_that() -> None:
    said = sentences(Backend(), {"mfa_mode": "required"}, impact(bare=0, below=0))
    assert "nobody is interrupted" in said
    assert "Everyone has an authenticator." in said


def test_capped_counts_are_said_to_be_minimums() -> None:
    said = sentences(Backend(), {"mfa_mode": "required"}, impact(below=10_000, cap=True))
    assert "10,000+ open sessions" in said


def test_time_to_set_up_is_part_of_the_consequence() -> None:
    said = sentences(Backend(), {"mfa_mode": "required", "mfa_grace": 7 * 86400}, impact())
    assert "672 people without an authenticator have 7 days to set one up" in said


@pytest.mark.parametrize("changes", [{"mfa_mode": "optional"}, {"mfa_mode": "observe"}])
def test_what_lowers_the_guard_is_marked(changes: dict[str, str]) -> None:
    required = Backend(mfa_mode="required")
    question = describe(required, changes, impact(), NOW)
    assert question.lowers
    assert "Signed-in users reach data without a code" in question.sentences[0]


def test_a_later_start_of_what_is_in_force_says_that_it_stops_meanwhile() -> None:
    question = describe(
        Backend(mfa_mode="required"), {"mfa_starts_at": NOW + timedelta(days=1)}, impact(), NOW
    )
    assert question.lowers
    assert question.sentences[0] == "Until then signed-in users reach data without a code."


def test_one_of_very_many_is_still_seen_in_the_bar() -> None:
    split = Split(done=1, left=100_000)
    assert split.done_share == "1.50%"
    assert split.left_share == "98.50%"
    assert Split(done=0, left=3).left_share == "100.00%"
    assert Split(done=0, left=3).done_share == "0%"


def test_how_things_stand() -> None:
    required = standing(Backend(mfa_mode="required"), impact(), since=NOW, at=NOW)
    assert required is not None
    assert (required.before, required.after) == (
        "MFA is required since",
        "41 of 359 sessions confirmed.",
    )
    later = Backend(mfa_mode="required", mfa_starts_at=NOW + timedelta(days=1))
    coming = standing(later, impact(), since=NOW, at=NOW)
    assert coming is not None
    assert coming.before == "MFA will be required from"
    assert standing(Backend(), impact(), since=None, at=NOW) is None


def test_a_backend_in_two_words() -> None:
    assert mfa_state(Backend(), NOW).words == "Not required"
    assert mfa_state(Backend(mfa_mode="observe"), NOW).words == "Observing"
    assert mfa_state(Backend(mfa_mode="required"), NOW).words == "Required"
    later = Backend(mfa_mode="required", mfa_starts_at=datetime(2026, 12, 1, tzinfo=UTC))
    assert mfa_state(later, NOW).words == "Required from 1 Dec"
    assert mfa_state(later, NOW + timedelta(days=30)).words == "Required"
