"""Which rows of the result to send: ``limit``, ``offset`` and the ``Range`` header."""

from __future__ import annotations

import re
from typing import Final

from .errors import bad_range, unreadable
from .shapes import Window

_COUNT: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_NEGATIVE: Final = re.compile(r"-[0-9]{1,18}", re.ASCII)
_RANGE: Final = re.compile(r"([0-9]{1,18})-([0-9]{0,18})", re.ASCII)


def window(limit: str | None, offset: str | None) -> Window:
    """From the query string. A negative offset is 0; a negative limit is PGRST103 (416)."""
    return Window(
        offset=0 if offset is None or _NEGATIVE.fullmatch(offset) else _count("offset", offset),
        limit=None if limit is None else _limit(limit),
    )


def ranged(header: str | None, fallback: Window) -> Window:
    """The window of a ``Range: 0-19`` header, which wins over the query string's.

    A header of another form (``bytes=0-``) is not ours and is ignored, as RFC 9110 asks.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None:
        return fallback
    first, last = int(found[1]), found[2]
    if not last:
        return Window(first)
    if int(last) < first:
        raise bad_range(
            "The lower boundary must be lower than or equal to the upper boundary"
            " in the Range header."
        )
    return Window(first, int(last) - first + 1)


def _limit(text: str) -> int:
    if _NEGATIVE.fullmatch(text):
        raise bad_range("Limit should be greater than or equal to zero.")
    return _count("limit", text)


def _count(what: str, text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise unreadable(what, text, "expected a whole number")
    return int(text)
