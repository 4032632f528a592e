"""Whether two sets of measurements differ, and how they look."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, sqrt

BARS = " ▁▂▃▄▅▆▇█"


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """The two-sided p of the Mann-Whitney U test: normal approximation, corrected for ties and for
    continuity. Small where one set tends to be larger than the other."""
    pooled = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    total, ranks, ties, at = len(pooled), 0.0, 0.0, 0
    while at < total:
        end = at
        while end < total and pooled[end][0] == pooled[at][0]:
            end += 1
        size = end - at
        ranks += (at + end + 1) / 2 * sum(1 for _, which in pooled[at:end] if which == 0)
        ties += size**3 - size
        at = end
    n, m = len(first), len(second)
    distance = abs(ranks - n * (n + 1) / 2 - n * m / 2) - 0.5
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    return erfc(max(0.0, distance) / sqrt(2 * variance))


def signed_ranks(differences: Sequence[float]) -> float:
    """The two-sided p of Wilcoxon's signed-rank test: normal approximation, for differences that
    hardly ever tie. Small where they tend to one side of zero. Of measurements that were taken side
    by side it sees what a comparison of the two sets as a whole does not."""
    ranked = sorted((value for value in differences if value), key=abs)
    n = len(ranked)
    total = sum(rank for rank, value in enumerate(ranked, 1) if value > 0)
    distance = abs(total - n * (n + 1) / 4) - 0.5
    return erfc(max(0.0, distance) / sqrt(n * (n + 1) * (2 * n + 1) / 12))


def histogram(values: Sequence[float], low: float, high: float, width: int = 40) -> str:
    """How often the values lie in each of ``width`` equal parts; what is beyond is in the last."""
    counts = [0] * width
    for value in values:
        place = int((value - low) / (high - low) * width) if high > low else 0
        counts[min(max(place, 0), width - 1)] += 1
    most = max(counts)
    return "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in counts)
