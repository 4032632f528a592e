"""What was aimed at, as ratios of requests per CPU-second of server and database together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.sites import (
    ALLAUTH,
    ALLAUTH_JWT,
    BARE,
    BETTER_AUTH,
    DRF,
    LINGAUTH,
    SIMPLEJWT,
)
from benchmarks.spread import Ratio

Figures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """LingAuth's figure over the best of ``others`` is at least ``floor``."""

    operation: str
    others: tuple[str, ...]
    floor: float

    def ratio(self, figures: Figures) -> Ratio | None:
        """The measured ratio; None where one of the two was not measured."""
        theirs = [figures[name] for name in self.others if name in figures]
        if not theirs or LINGAUTH not in figures:
            return None
        best = max(theirs, key=lambda row: float(row["per_cpu_second"]))
        return Ratio.of(figures[LINGAUTH]["rounds"], best["rounds"])


_ALLAUTH = (ALLAUTH, ALLAUTH_JWT)

# Against better-auth the aim is CPU per request, at most 0.6, 1.0 and 0.5 of its: the inverse.
TARGETS = (
    Target("gated read", (SIMPLEJWT,), 3.0),
    Target("gated read", (BARE,), 0.33),
    Target("gated read", (DRF,), 0.80),
    Target("gated read", (BETTER_AUTH,), 1 / 0.6),
    Target("refresh", (SIMPLEJWT,), 7.0),
    Target("refresh", _ALLAUTH, 3.5),
    Target("refresh", (BARE,), 0.40),
    Target("factor verify", (SIMPLEJWT,), 2.0),
    Target("factor verify", _ALLAUTH, 6.0),
    Target("factor verify", (BARE,), 0.50),
    Target("factor verify", (BETTER_AUTH,), 1.0),
    Target("sign-in net", (SIMPLEJWT,), 2.0),
    Target("sign-in net", (BARE,), 0.45),
    Target("sign-in", (SIMPLEJWT, *_ALLAUTH), 1.0),
    Target("sign-in", (BARE,), 0.93),
    Target("sign-in", (BETTER_AUTH,), 2.0),
)
MEMORY = 120
"""MiB resident of a worker, at most."""
