"""What a rate is where nothing else is said."""

from __future__ import annotations

from datetime import timedelta

from lingauth.core.rates import Rate


def test_it_is_counted_by_the_hour_and_without_a_pause_unless_it_is_said() -> None:
    rate = Rate("key", 5)
    assert (rate.within, rate.cooldown) == (timedelta(minutes=60), timedelta(0))
