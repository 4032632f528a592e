"""Logs for programs: one JSON object a line."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from project.operations.current import known


class JsonLines(logging.Formatter):
    """``time``, ``level``, ``logger`` and ``message``; the request's id, and the account's and the
    session's where they are known; of an exception its type and where it was raised.

    Never an exception's own words: they may quote what a request carried. Nothing else that was put
    on a record either, but for ``fields``, which is meant for this. Everything beyond ASCII is
    escaped, so that no text can begin a line of its own or turn one around.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= known()
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__qualname__
            line["stack"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps(line)
