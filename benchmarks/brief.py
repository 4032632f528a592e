"""The picture in the README: LingAuth and its peers at a glance, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks import chart
from benchmarks.sites import ALLAUTH, ALLAUTH_JWT, BETTER_AUTH, LINGAUTH, SIMPLEJWT

SHOWN = ("gated read", "refresh", "factor verify", "sign-in")
PEERS = {
    LINGAUTH: (LINGAUTH,),
    "simplejwt + otp": (SIMPLEJWT,),
    "allauth": (ALLAUTH, ALLAUTH_JWT),
    "better-auth": (BETTER_AUTH,),
}
"""Who is shown, by a name that is short; of several the fastest."""
TITLE = ("Requests per CPU-second of server and", "database together: longer is better")
# As wide as a phone, so that nothing has to shrink there.
NARROW = chart.Layout(width=320, labels=116, bars=160, bar=14, gap=4, between=36)


def groups(operations: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> chart.Groups:
    """The figures of this picture."""
    return {operation: _of(operations.get(operation, {})) for operation in SHOWN}


def _of(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    return {
        short: max(float(figures[label]["per_cpu_second"]) for label in labels if label in figures)
        for short, labels in PEERS.items()
        if any(label in figures for label in labels)
    }


def draw(found: chart.Groups) -> str:
    return chart.draw(found, TITLE, NARROW)


def words(found: chart.Groups) -> str:
    """What the picture shows, for those who do not see it."""
    told = (
        f"{operation}: " + ", ".join(f"{who} {value:,.0f}" for who, value in figures.items())
        for operation, figures in found.items()
        if figures
    )
    return "Requests per CPU-second. " + "; ".join(told)
