"""Durations as the contract writes them: Go's, such as ``24h`` or ``1h30m``."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction

from lingauth.core.errors import ValidationFailed

_MICROSECONDS = {
    "ns": Fraction(1, 1000),
    "us": Fraction(1),
    "µs": Fraction(1),  # the micro sign
    "μs": Fraction(1),  # the Greek letter
    "ms": Fraction(1000),
    "s": Fraction(1_000_000),
    "m": Fraction(60_000_000),
    "h": Fraction(3_600_000_000),
}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_MAX_LENGTH = 40
_LONGEST = Fraction(2**63 - 1, 1000)  # 292 years: what Go's nanoseconds can count


def parse(text: object) -> timedelta:
    """The duration in a text: numbers with units from ``ns`` to ``h``, or ``0``. Never below zero.

    Raises ValidationFailed for anything else, and for more than 292 years.
    """
    if text == "0":
        return timedelta(0)
    if not isinstance(text, str) or not text or len(text) > _MAX_LENGTH:
        raise _refusal()
    total, end = Fraction(0), 0
    while end < len(text):
        part = _PART.match(text, end)
        if part is None:
            raise _refusal()
        total += Fraction(part[1]) * _MICROSECONDS[part[2]]
        end = part.end()
    if total > _LONGEST:
        raise _refusal()
    return timedelta(microseconds=int(total))


def _refusal() -> ValidationFailed:
    return ValidationFailed("A duration is such as 24h or 1h30m, and at most 292 years.")
