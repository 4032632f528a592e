"""A backend, and time that stands still so that a code stays one code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from lingauth import keyring
from lingauth.core import clock
from lingauth.models import Backend
from tests.support.people import new_backend


@pytest.fixture
def backend(transactional_db: None) -> Backend:
    keyring.forget()
    return new_backend().backend


@pytest.fixture
def still() -> Iterator[time_machine.Traveller]:
    """The clock of this process, stopped in the middle of a step."""
    middle = clock.now().timestamp() // 30 * 30 + 15
    with time_machine.travel(middle, tick=False) as moved:
        yield moved
