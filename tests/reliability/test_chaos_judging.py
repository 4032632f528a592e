"""Each promise that breaks is seen, and none is called broken that was kept.

Long, because a promise breaks in several ways, and each is a story.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from reliability.chaos.judging import PROMISES
from reliability.chaos.judging.statuses import CUT_OFF, HALF_SENT, RELOADS, WRONG_CLOCK
from reliability.chaos.ledger import Act, Token
from tests.reliability.chaos_story import REFUSED, Story, token

SIGNED_OUT, TWICE, EVENTS, COUNTERS, STATUSES, RECOVERY, LEVELS = PROMISES


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_story_without_faults_breaks_nothing(story: Story) -> None:
    assert story.broken() == []


# --- No honest person is signed out ---------------------------------------------------------------


def test_an_honest_refresh_that_is_refused(story: Story) -> None:
    allowed = frozenset({"200"})
    story.call(Act.REFRESH, "refresh_token_not_found", shown=3, allowed=allowed)
    assert story.broken() == [SIGNED_OUT, STATUSES]


def test_a_session_that_nobody_asked_to_end(story: Story) -> None:
    story.change_session(is_ended=True, end_reason="refresh_replayed")
    assert story.broken() == [SIGNED_OUT]


def test_somebody_who_holds_nothing_in_the_end(story: Story) -> None:
    story.ann.holds = None
    assert story.broken() == [SIGNED_OUT]


def test_a_token_that_the_database_has_forgotten(story: Story) -> None:
    story.change_session(generation=2)
    assert story.broken() == [SIGNED_OUT, TWICE]


def test_a_sign_out_that_was_told_and_did_not_happen(story: Story) -> None:
    story.call(Act.SIGN_OUT, "204", writes="signed_out")
    assert story.broken() == [SIGNED_OUT]


def test_a_theft_that_was_refused_and_ended_nothing(story: Story) -> None:
    story.call(Act.STEAL, "refresh_token_already_used", shown=1, writes="refresh_replayed")
    assert story.broken() == [SIGNED_OUT]


# --- Nothing is accepted twice --------------------------------------------------------------------


def test_a_code_that_is_accepted_twice(story: Story) -> None:
    story.call(Act.VERIFY, "200", got=4, proof="phone 7", writes="factor_verified")
    story.change_session(generation=4, elevations=2)
    story.ann.holds = token(4)
    assert story.broken() == [TWICE]


def test_a_code_whose_second_acceptance_nobody_heard_of(story: Story) -> None:
    story.may_break = True
    story.call(Act.VERIFY, "", proof="phone 7", writes="factor_verified")
    story.change_session(elevations=2)
    assert story.broken() == [TWICE]


def test_a_token_with_two_children(story: Story) -> None:
    twin = story.call(Act.REFRESH, "200", shown=2)
    twin.got = token(4)
    assert TWICE in story.broken()


def test_an_old_token_that_a_thief_may_trade(story: Story) -> None:
    story.call(Act.STEAL, "200", shown=2, got=4)
    assert TWICE in story.broken()


def test_a_session_that_advanced_more_often_than_anybody_asked(story: Story) -> None:
    story.change_session(generation=4)
    assert TWICE in story.broken()


def test_a_session_that_was_told_of_and_is_not_there(story: Story) -> None:
    story.call(Act.SIGN_IN, "200", writes="signed_in").got = Token("another", 1)
    assert story.broken() == [TWICE]


# --- No event is lost or doubled ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["signed_in", "factor_refused", "factor_verified"])
def test_an_event_that_is_lost(story: Story, kind: str) -> None:
    story.events = [event for event in story.events if event.kind != kind]
    assert EVENTS in story.broken()


@pytest.mark.parametrize("kind", ["signed_in", "factor_refused", "factor_verified"])
def test_an_event_that_is_doubled(story: Story, kind: str) -> None:
    story.events += [event for event in story.events if event.kind == kind]
    assert EVENTS in story.broken()


def test_an_event_of_another_kind(story: Story) -> None:
    story.write(story.refresh, "signed_out")
    assert story.broken() == [EVENTS]


def test_an_event_without_a_call(story: Story) -> None:
    story.events.append(replace(story.events[0], call="nobody's"))
    assert story.broken() == [EVENTS]


def test_an_event_with_the_id_of_another_request(story: Story) -> None:
    story.sign_in.request_id = "a"
    assert story.broken() == [EVENTS]


def test_two_events_of_a_call_that_nobody_heard_the_answer_of(story: Story) -> None:
    call = story.call(Act.SIGN_IN, "503", writes="signed_in")
    assert story.broken() == []
    story.write(call, "signed_in")
    assert story.broken() == [EVENTS]


def test_a_theft_that_is_not_written_down(story: Story) -> None:
    story.call(Act.STEAL, "refresh_token_already_used", shown=1)
    story.change_session(is_ended=True, end_reason="refresh_replayed")
    story.ann.holds = None
    assert story.broken() == [SIGNED_OUT, EVENTS]


# --- No counter of guesses is lowered -------------------------------------------------------------


def test_a_counter_that_forgot_a_guess(story: Story) -> None:
    story.call(Act.VERIFY, REFUSED, right=False, writes="factor_refused")
    story.read_counter(0)
    assert story.broken() == [COUNTERS]


def test_what_was_not_looked_at_is_not_counted(story: Story) -> None:
    story.call(Act.VERIFY, "over_request_rate_limit", right=False, writes="factor_refused")
    story.read_counter(0)
    assert story.broken() == []


def test_a_counter_that_counts_what_nobody_guessed(story: Story) -> None:
    story.read_counter(1)
    assert story.broken() == [COUNTERS]


@pytest.mark.parametrize("count", [0, 1])
def test_what_was_not_answered_may_be_counted(story: Story, count: int) -> None:
    story.call(Act.VERIFY, "503", right=False)
    story.read_counter(count)
    assert story.broken() == []


@pytest.mark.parametrize("count", [0, 1, 2])
def test_what_was_not_answered_may_have_been_right(story: Story, count: int) -> None:
    story.call(Act.VERIFY, REFUSED, right=False, writes="factor_refused")
    story.call(Act.VERIFY, "503", proof="phone 8")
    story.read_counter(count)
    assert story.broken() == []


def test_what_is_counted_after_that_is_counted(story: Story) -> None:
    story.call(Act.VERIFY, "503", proof="phone 8")
    story.now += 5
    story.call(Act.VERIFY, REFUSED, right=False, writes="factor_refused")
    story.read_counter(0)
    assert story.broken() == [COUNTERS]


# --- Nothing but what is expected is answered -----------------------------------------------------


def test_a_500(story: Story) -> None:
    story.call(Act.USER, "500", allowed=frozenset({"200"}))
    assert story.broken() == [STATUSES]


def test_a_503_without_a_time_to_come_again(story: Story) -> None:
    story.call(Act.USER, "503").flaw = "a 503 without Retry-After"
    assert story.broken() == [STATUSES]


def test_a_503_that_says_when_to_come_again(story: Story) -> None:
    story.call(Act.USER, "503")
    assert story.broken() == []


def test_a_wrong_code_that_is_taken(story: Story) -> None:
    allowed = frozenset({REFUSED})
    story.call(Act.VERIFY, "200", got=4, right=False, allowed=allowed, writes="factor_verified")
    story.change_session(generation=4, elevations=2)
    story.ann.holds = token(4)
    assert story.broken() == [STATUSES]


def test_a_connection_that_ends_is_excused_where_there_is_no_proxy(story: Story) -> None:
    call = story.call(Act.USER, "")
    assert story.broken() == [STATUSES]
    call.excuses = frozenset({RELOADS})
    assert story.broken() == []
    call.excuses, story.may_break = frozenset(), True
    assert story.broken() == []


def test_an_answer_is_cut_off_only_where_somebody_was_killed(story: Story) -> None:
    call = story.call(Act.USER, "", excuses=frozenset({HALF_SENT}))
    assert story.broken() == [STATUSES], "nothing came at all"
    call.flaw = f"peer closed connection {CUT_OFF}"
    assert story.broken() == []
    call.excuses = frozenset()
    assert story.broken() == [STATUSES]


def test_a_wrong_clock_excuses_no_refused_refresh(story: Story) -> None:
    story.call(Act.USER, "bad_jwt", allowed=frozenset({"200"}), excuses=frozenset({WRONG_CLOCK}))
    assert story.broken() == []
    story.call(
        Act.REFRESH,
        "session_expired",
        allowed=frozenset({"200"}),
        excuses=frozenset({WRONG_CLOCK}),
    )
    assert story.broken() == [SIGNED_OUT, STATUSES]


def test_people_who_cannot_go_on(story: Story) -> None:
    story.ledger.troubles.append("Traceback")
    assert story.broken() == [STATUSES]


# --- All is well again ----------------------------------------------------------------------------


def test_a_node_that_is_ready_late(story: Story) -> None:
    story.phases[0].ready = 12.0
    assert story.broken() == [RECOVERY]


def test_a_503_long_after_the_fault(story: Story) -> None:
    story.now, story.phases[0].settled = 12.0, 20.0
    story.call(Act.USER, "503")
    assert story.broken() == [RECOVERY]


def test_somebody_who_had_no_success_again(story: Story) -> None:
    story.phases[0].began, story.phases[0].ended = 18.0, 19.0
    assert story.broken() == [RECOVERY]


# --- Levels ---------------------------------------------------------------------------------------


def test_a_level_without_a_proof(story: Story) -> None:
    story.change_session(verified_at=100.0)
    assert story.broken() == [LEVELS]


def test_a_session_that_was_raised_more_often_than_by_proofs(story: Story) -> None:
    story.change_session(elevations=2)
    assert story.broken() == [LEVELS]


def test_a_proof_in_another_session(story: Story) -> None:
    story.events = [replace(event, session="another") for event in story.events]
    assert story.broken() == [LEVELS]


def test_data_read_below_the_level(story: Story) -> None:
    story.read.level = "aal1"
    assert story.broken() == [LEVELS]
