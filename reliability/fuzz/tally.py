"""What a run came to: calls by operation and status, and the calls whose answers were wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from reliability.fuzz.sent import Answer, Sent

SHOWN = 3
"""Calls kept of each kind of mistake."""


@dataclass
class Mistake:
    """One kind of wrong answer. ``calls`` are some, as lines for a shell, with what came back."""

    operation: str
    problem: str
    count: int = 0
    calls: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Tally:
    """``statuses`` by operation, ``kinds`` of calls, ``mistakes`` by what they are."""

    where: str = ""
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    mistakes: dict[str, Mistake] = field(default_factory=dict)
    round: str = ""
    """What the calls are being drawn from now, to draw them again."""

    @property
    def calls(self) -> int:
        return self.kinds.total()

    @property
    def wrong(self) -> int:
        return sum(mistake.count for mistake in self.mistakes.values())

    def add(
        self, operation: str, kind: str, sent: Sent, answer: Answer, problems: Iterable[str]
    ) -> None:
        self.kinds[kind] += 1
        self.statuses.setdefault(operation, Counter())[str(answer.status)] += 1
        for problem in problems:
            key = f"{operation} {re.sub(r'[0-9a-f-]{8,}|[0-9]+', '#', problem)}"
            mistake = self.mistakes.setdefault(key, Mistake(operation, problem))
            mistake.count += 1
            if len(mistake.calls) < SHOWN:
                said = f"{answer.status} {answer.body[:400].decode(errors='replace')}"
                drawn = f"{self.where}, {self.round}, {kind}"
                mistake.calls.append({"call": sent.curl()[:4000], "answer": said, "drawn": drawn})

    def never_done(self, operations: Iterable[str]) -> list[str]:
        """Operations that refused every call: to have knocked at a door is not to have been in."""
        return [
            name
            for name in operations
            if not any(status < "400" for status in self.statuses.get(name, ()))
        ]

    def merge(self, other: Self) -> None:
        self.kinds += other.kinds
        for name, counted in other.statuses.items():
            self.statuses.setdefault(name, Counter()).update(counted)
        for key, mistake in other.mistakes.items():
            mine = self.mistakes.setdefault(key, Mistake(mistake.operation, mistake.problem))
            mine.count += mistake.count
            mine.calls = [*mine.calls, *mistake.calls][:SHOWN]

    def to_json(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "kinds": dict(sorted(self.kinds.items())),
            "statuses": {name: dict(sorted(c.items())) for name, c in self.statuses.items()},
            "mistakes": {key: asdict(mistake) for key, mistake in self.mistakes.items()},
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(
            statuses={name: Counter(c) for name, c in value["statuses"].items()},
            kinds=Counter(value["kinds"]),
            mistakes={key: Mistake(**row) for key, row in value["mistakes"].items()},
        )
