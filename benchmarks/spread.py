"""What rounds say together: the middle, and between which bounds it may lie."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True, slots=True)
class Ratio:
    """One participant's figure over another's, round by round: both had their turn at about the
    same time, so that what else ran on the machine weighed on both.

    The true middle lies between ``low`` and ``high`` in 93 cases of 100 or more, if there were five
    rounds or more.
    """

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
        each = sorted(one / other for one, other in zip(ours, theirs, strict=True))
        outside = _outside(len(each))
        return cls(statistics.median(each), each[outside], each[-1 - outside])

    def verdict(self, *, floor: float | None = None, ceiling: float | None = None) -> str:
        """Whether an aim was reached; "open" if rounds disagree about it."""
        inside = [
            (floor is None or value >= floor) and (ceiling is None or value <= ceiling)
            for value in (self.middle, self.low, self.high)
        ]
        word = "reached" if inside[0] else "**missed**"
        return word if len(set(inside)) == 1 else f"{word}, open"

    def __str__(self) -> str:
        return f"{self.middle:.2f} ×"

    @property
    def bounds(self) -> str:
        return f"{self.low:.2f}–{self.high:.2f}"


def _outside(rounds: int) -> int:
    """How many rounds on either side may be left out: as many as leave the middle of all the rounds
    that there could be between the others in 93 cases of 100. None of five, one of eight.
    """
    left = 0
    while 1 - 2 * sum(comb(rounds, few) for few in range(left + 2)) / 2**rounds >= 0.925:
        left += 1
    return left
