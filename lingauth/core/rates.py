"""How much may be asked for within a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``limit`` within ``within``, counted from the first; ``cooldown`` after each.

    ``key`` names the counter: a digest that begins with the backend, so that tenants
    never share one.
    """

    key: str
    limit: int
    within: timedelta = HOUR
    cooldown: timedelta = timedelta(0)
