"""A clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.support.noon import NOON


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    """It is noon until the test moves the clock."""
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved
