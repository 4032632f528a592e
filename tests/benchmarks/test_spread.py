"""Ratios of rounds, and what they decide."""

from __future__ import annotations

import pytest

from benchmarks.spread import Ratio


def test_a_ratio_is_of_rounds_side_by_side() -> None:
    # A machine that gets slower and slower, for both: each round says the same.
    ratio = Ratio.of([300, 200, 100], [150, 100, 50])
    assert (ratio.middle, ratio.low, ratio.high) == (2, 2, 2)


def test_of_five_rounds_none_is_left_out_and_of_nine_one_on_either_side() -> None:
    five = Ratio.of([1, 2, 3, 4, 50], [1] * 5)
    assert (five.middle, five.low, five.high) == (3, 1, 50)
    nine = Ratio.of([0, 2, 3, 4, 5, 6, 7, 8, 90], [1] * 9)
    assert (nine.middle, nine.low, nine.high) == (5, 2, 8)


@pytest.mark.parametrize(
    ("floor", "ceiling", "verdict"),
    [
        (2.0, None, "reached"),
        (2.5, None, "reached, open"),
        (3.5, None, "**missed**, open"),
        (4.5, None, "**missed**"),
        (None, 4.0, "reached"),
        (None, 3.5, "reached, open"),
        (None, 1.5, "**missed**"),
    ],
)
def test_a_verdict_says_whether_rounds_disagree(
    floor: float | None, ceiling: float | None, verdict: str
) -> None:
    assert Ratio(3.0, 2.0, 4.0).verdict(floor=floor, ceiling=ceiling) == verdict
