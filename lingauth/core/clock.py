"""Where time comes from. Everything else is handed a time, or asks here."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.fromtimestamp(time.time(), tz=UTC)
