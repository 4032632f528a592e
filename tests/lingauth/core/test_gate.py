"""The gate: total, closed by default, and monotone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core import gate
from lingauth.core.assurance import Level
from lingauth.core.gate import Allow, MfaMode, Policy, Refuse, SessionState

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
POLICIES = st.builds(
    Policy,
    mode=st.sampled_from(MfaMode),
    starts_at=st.none() | MOMENTS,
    grace=st.just(timedelta(0)) | st.timedeltas(timedelta(0), timedelta(days=90)),
    grace_from=st.none() | MOMENTS,
    version=st.integers(1, 99),
)
STATES = st.builds(
    SessionState,
    level=st.sampled_from(Level),
    has_factor=st.booleans(),
    ever_enrolled=st.booleans(),
    account_created_at=MOMENTS,
)
RANK = {MfaMode.OPTIONAL: 0, MfaMode.OBSERVE: 1, MfaMode.REQUIRED: 2}

REQUIRED = Policy(MfaMode.REQUIRED, None, timedelta(0), None, 7)
INSTANTS = [(-SECOND, False), (0 * SECOND, True), (SECOND, True)]
BARE = SessionState(Level.AAL1, False, False, NOW - timedelta(days=9))


def lets_in(policy: Policy, state: SessionState, now: datetime) -> bool:
    return isinstance(gate.decide(policy, state, now), Allow)


@given(policy=POLICIES, state=STATES, now=MOMENTS)
def test_it_always_decides_and_aal2_is_always_allowed(
    policy: Policy, state: SessionState, now: datetime
) -> None:
    decision = gate.decide(policy, state, now)
    assert isinstance(decision, Allow | Refuse)
    if state.level is Level.AAL2:
        assert decision == Allow()
    if isinstance(decision, Refuse):
        assert decision.next == ("challenge" if state.has_factor else "enroll")
        assert decision.policy_version == policy.version


@given(policy=POLICIES, state=STATES, now=MOMENTS)
def test_only_required_refuses_and_only_optional_does_not_count(
    policy: Policy, state: SessionState, now: datetime
) -> None:
    decision = gate.decide(policy, state, now)
    if policy.mode is not MfaMode.REQUIRED:
        below = state.level is Level.AAL1
        assert decision == Allow(observed=below and policy.mode is MfaMode.OBSERVE)


@given(policy=POLICIES, state=STATES, now=MOMENTS)
def test_required_never_allows_aal1_once_start_and_grace_are_over(
    policy: Policy, state: SessionState, now: datetime
) -> None:
    started = policy.starts_at is None or policy.starts_at <= now
    deadline = gate.grace_ends_at(policy, state)
    over = deadline is None or deadline <= now
    if policy.mode is MfaMode.REQUIRED and state.level is Level.AAL1 and started and over:
        assert isinstance(gate.decide(policy, state, now), Refuse)


@given(policy=POLICIES, state=STATES, now=MOMENTS, later=st.timedeltas(timedelta(0)))
def test_time_only_closes_it(
    policy: Policy, state: SessionState, now: datetime, later: timedelta
) -> None:
    then = now + min(later, timedelta(days=3650))
    if lets_in(policy, state, then):
        assert lets_in(policy, state, now)


@given(policy=POLICIES, state=STATES, now=MOMENTS, other=st.sampled_from(MfaMode))
def test_a_stricter_mode_lets_in_nobody_more(
    policy: Policy, state: SessionState, now: datetime, other: MfaMode
) -> None:
    stricter = replace(policy, mode=max(policy.mode, other, key=lambda mode: RANK[mode]))
    if lets_in(stricter, state, now):
        assert lets_in(policy, state, now)


@given(policy=POLICIES, state=STATES, now=MOMENTS)
def test_a_higher_level_shuts_out_nobody(
    policy: Policy, state: SessionState, now: datetime
) -> None:
    if lets_in(policy, state, now):
        assert lets_in(policy, replace(state, level=Level.AAL2), now)


@given(policy=POLICIES, state=STATES, now=MOMENTS, more=st.timedeltas(timedelta(0)))
def test_more_grace_shuts_out_nobody(
    policy: Policy, state: SessionState, now: datetime, more: timedelta
) -> None:
    kinder = replace(policy, grace=policy.grace + min(more, timedelta(days=90)))
    if lets_in(policy, state, now):
        assert lets_in(kinder, state, now)


@pytest.mark.parametrize(
    ("offset", "refused"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)]
)
def test_the_instant_of_the_start(offset: timedelta, refused: bool) -> None:
    policy = replace(REQUIRED, starts_at=NOW)
    assert (not lets_in(policy, BARE, NOW + offset)) is refused
    assert gate.in_force(policy, NOW + offset) is refused
    if not refused:
        assert gate.decide(policy, BARE, NOW + offset) == Allow(observed=True)


@pytest.mark.parametrize(
    ("offset", "refused"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)]
)
def test_the_instant_at_which_grace_ends(offset: timedelta, refused: bool) -> None:
    policy = replace(REQUIRED, grace=timedelta(days=2), grace_from=NOW)
    then = NOW + timedelta(days=2) + offset
    assert (not lets_in(policy, BARE, then)) is refused
    if not refused:
        assert gate.decide(policy, BARE, then) == Allow(observed=True)


def test_grace_counts_from_whatever_came_last() -> None:
    policy = replace(REQUIRED, grace=timedelta(days=2), grace_from=NOW)
    assert gate.grace_ends_at(policy, BARE) == NOW + timedelta(days=2)
    announced = replace(policy, starts_at=NOW + timedelta(days=5))
    assert gate.grace_ends_at(announced, BARE) == NOW + timedelta(days=7)
    newcomer = replace(BARE, account_created_at=NOW + timedelta(days=9))
    assert gate.grace_ends_at(announced, newcomer) == NOW + timedelta(days=11)


@pytest.mark.parametrize(
    "state", [replace(BARE, has_factor=True), replace(BARE, ever_enrolled=True)]
)
def test_who_has_or_had_a_factor_has_no_grace(state: SessionState) -> None:
    policy = replace(REQUIRED, grace=timedelta(days=2), grace_from=NOW)
    assert gate.grace_ends_at(policy, state) is None
    assert not lets_in(policy, state, NOW)


def test_the_words_of_the_modes() -> None:
    assert [mode.value for mode in MfaMode] == ["optional", "observe", "required"]


def test_what_is_let_in_is_not_counted_unless_it_is_said() -> None:
    assert Allow().observed is False


def test_a_mode_that_is_none_of_ours_is_refused() -> None:
    policy = replace(REQUIRED, mode="of tomorrow")  # type: ignore[arg-type]
    assert not lets_in(policy, BARE, NOW)
