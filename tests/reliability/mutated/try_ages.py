"""Tests of ``ages``, met by its mutants alone."""

from __future__ import annotations

from tests.reliability.mutated.ages import Visitor, is_grown_up, wait


def test_eighteen_is_grown_up() -> None:
    assert is_grown_up(18)
    assert not is_grown_up(17)


def test_the_old_are_senior() -> None:
    assert Visitor(80).is_senior
    assert not Visitor(30).is_senior


def test_children_wait() -> None:
    assert wait(10) == 8
