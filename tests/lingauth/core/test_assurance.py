"""Levels at the instants at which they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core import assurance
from lingauth.core.assurance import Level, Limits, Method

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TICK = timedelta(microseconds=1)
LIMITS = Limits(max_age=DAY, max_idle=HOUR)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(seconds=300), timedelta(days=30))


@pytest.mark.parametrize(
    ("verified", "active", "level"),
    [
        (0 * DAY, 0 * DAY, "aal2"),
        (DAY - TICK, 0 * DAY, "aal2"),
        (DAY, 0 * DAY, "aal1"),
        (DAY + TICK, 0 * DAY, "aal1"),
        (HOUR, HOUR - TICK, "aal2"),
        (HOUR, HOUR, "aal1"),
        (HOUR + TICK, HOUR + TICK, "aal1"),
        (DAY - TICK, HOUR - TICK, "aal2"),
        (DAY, HOUR, "aal1"),
    ],
)
def test_the_instant_at_which_a_limit_is_reached_is_too_late(
    verified: timedelta, active: timedelta, level: str
) -> None:
    assert assurance.level(NOW - verified, NOW - active, LIMITS, NOW) == level


def test_who_never_verified_has_no_end() -> None:
    assert assurance.aal2_ends_at(None, NOW, LIMITS) is None
    assert assurance.level(None, NOW, LIMITS, NOW) is Level.AAL1


@given(verified=MOMENTS, active=MOMENTS, age=SPANS, idle=SPANS, now=MOMENTS)
def test_the_level_is_aal2_until_its_end_and_never_after(
    verified: datetime, active: datetime, age: timedelta, idle: timedelta, now: datetime
) -> None:
    limits = Limits(age, idle)
    ends = assurance.aal2_ends_at(verified, active, limits)
    assert ends == min(verified + age, active + idle)
    reached = assurance.level(verified, active, limits, now)
    assert (reached is Level.AAL2) == (now < ends)
    if reached is Level.AAL1:
        assert assurance.level(verified, active, limits, now + age) is Level.AAL1


@pytest.mark.parametrize(
    ("ago", "fresh"),
    [
        (timedelta(0), True),
        (timedelta(minutes=10), True),
        (timedelta(minutes=10) + TICK, False),
        (-TICK, False),
    ],
)
def test_fresh_is_ten_minutes_and_nothing_from_the_future(ago: timedelta, fresh: bool) -> None:
    assert assurance.is_fresh(NOW - ago, NOW) is fresh


def test_what_was_never_proven_is_not_fresh() -> None:
    assert not assurance.is_fresh(None, NOW)


def test_another_window() -> None:
    assert assurance.is_fresh(NOW - HOUR, NOW, HOUR)
    assert not assurance.is_fresh(NOW - HOUR - TICK, NOW, HOUR)


def test_the_words_of_the_claims() -> None:
    """``aal`` and ``amr``, as the published clients know them and as rows have them."""
    assert [level.value for level in Level] == ["aal1", "aal2"]
    assert {method.name: method.value for method in Method} == {
        "PASSWORD": "password",
        "OTP": "otp",
        "MAGICLINK": "magiclink",
        "SIGNUP": "email/signup",
        "RECOVERY": "recovery",
        "INVITE": "invite",
        "EMAIL_CHANGE": "email_change",
        "OAUTH": "oauth",
        "ANONYMOUS": "anonymous",
        "TOTP": "totp",
        "RECOVERY_CODE": "mfa/recovery_code",
    }


def test_which_methods_are_a_second_factor() -> None:
    assert {method for method in Method if method.is_second} == {Method.TOTP, Method.RECOVERY_CODE}
