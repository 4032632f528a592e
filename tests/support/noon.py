"""A moment to stand still at, so that a test can say to the second what is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So many seconds after it."""
    return NOON + timedelta(seconds=seconds)
