"""Durations in Go's notation, as the admin API's ``ban_duration`` is written."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core import durations
from lingauth.core.errors import ValidationFailed

pytestmark = pytest.mark.once

GOOD = {
    "24h": timedelta(hours=24),
    "1h30m": timedelta(minutes=90),
    "1.5h": timedelta(minutes=90),
    ".5m": timedelta(seconds=30),
    "1.m": timedelta(minutes=1),
    "90s": timedelta(seconds=90),
    "1h1h": timedelta(hours=2),
    "3m2h": timedelta(minutes=123),
    "250ms": timedelta(milliseconds=250),
    "7us": timedelta(microseconds=7),
    "7µs": timedelta(microseconds=7),
    "7μs": timedelta(microseconds=7),
    "1500ns": timedelta(microseconds=1),
    "1000000000ns": timedelta(seconds=1),
    "0": timedelta(0),
    "0s": timedelta(0),
    "876000h": timedelta(days=36500),
    "2562047h": timedelta(hours=2562047),
    # The most that 64 bits of nanoseconds hold
    "2562047h47m16.854775807s": timedelta(
        hours=2562047, minutes=47, seconds=16, microseconds=854775
    ),
    "1h".rjust(40, "0"): timedelta(hours=1),
}
BAD = (
    "", " ", "h", "1", "24", "24 h", " 24h", "24h ", "1d", "1w", "1H", "-1h", "+1h", "1h-1m",
    "1e3h", "1..5h", ".h", "1,5h", "٣h", "1h\n", "none", "2562048h", "9" * 41 + "h", "forever",
    "2562047h47m16.854775808s", "1h".rjust(41, "0"),
    "1h\x00", None, 5, 1.5, True, ["1h"],
)  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_good(text: str) -> None:
    assert durations.parse(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD, ids=repr)
def test_bad(text: object) -> None:
    with pytest.raises(ValidationFailed):
        durations.parse(text)


@given(st.integers(0, 10**5), st.integers(0, 59), st.integers(0, 59))
def test_what_go_prints_reads_back(hours: int, minutes: int, seconds: int) -> None:
    text = f"{hours}h{minutes}m{seconds}s"
    assert durations.parse(text) == timedelta(hours=hours, minutes=minutes, seconds=seconds)


@given(st.text(max_size=50))
def test_nothing_else_comes_of_any_text(text: str) -> None:
    with suppress(ValidationFailed):
        assert durations.parse(text) >= timedelta(0)
