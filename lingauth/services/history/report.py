"""What a check of the history came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

KEPT = 20
"""Findings of one kind that are told one by one: a million of them would fit into no memory."""


@dataclass(slots=True)
class Report:
    """How much was looked at, and what is wrong with it."""

    events: int = 0
    seals: int = 0
    heads: int = 0
    """Anchors that were looked for."""
    newer: int = 0
    """Events that came after the last seal."""
    oldest_newer: datetime | None = None
    _told: list[str] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, sentence: str) -> None:
        """A finding. ``kind`` is what the ones like it are called, after their number."""
        self._counts[kind] += 1
        if self._counts[kind] <= KEPT:
            self._told.append(sentence)

    @property
    def whole(self) -> bool:
        return not self._counts

    @property
    def findings(self) -> int:
        return self._counts.total()

    def sentences(self) -> list[str]:
        """What is wrong, in the order in which it was found; of each kind not more than the first
        few, and how many more there are."""
        more = {kind: count - KEPT for kind, count in self._counts.items() if count > KEPT}
        return self._told + [f"And {count} more {kind}." for kind, count in more.items()]
