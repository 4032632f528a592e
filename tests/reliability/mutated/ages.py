"""A small module whose tests are good in parts."""

from __future__ import annotations

from functools import cache

GROWN_UP = 18
SENIOR = 65


@cache
def is_grown_up(age: int) -> bool:
    """Tested at its boundary."""
    return age >= GROWN_UP


class Visitor:
    def __init__(self, age: int) -> None:
        self.age = age

    @property
    def is_senior(self) -> bool:
        """Tested, but not at its boundary."""
        return self.age >= SENIOR


def is_child(age: int) -> bool:
    """Run by tests that notice nothing."""
    return age < 12


def group(ages: list[int]) -> list[int]:
    """Nobody tests it."""
    return [age for age in ages if age > 3]


def halvings(age: int) -> int:
    """Tested; one of its mutants never ends."""
    count = 0
    while age:
        age //= 2
        count += 1
    return count
