"""Where time comes from."""

from __future__ import annotations

from datetime import UTC, datetime

import time_machine

from lingauth.core import clock


def test_it_is_the_time_that_it_is_and_knows_its_zone() -> None:
    moment = datetime(2026, 3, 29, 1, 30, 15, 250_000, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        now = clock.now()
    assert now == moment
    assert now.tzinfo is UTC
