"""Tests of ``ages``, met by its mutants alone."""

from __future__ import annotations

from tests.reliability.mutated.ages import Visitor, halvings, is_child, is_grown_up


def test_eighteen_is_grown_up() -> None:
    assert is_grown_up(18)
    assert not is_grown_up(17)


def test_the_old_are_senior() -> None:
    assert Visitor(80).is_senior
    assert not Visitor(30).is_senior


def test_ten_is_halved_four_times() -> None:
    assert halvings(10) == 4


_been_here: list[bool] = []


def test_that_passes_once() -> None:
    assert is_child(3) is not None
    assert not _been_here
    _been_here.append(True)


def test_that_never_passes() -> None:
    assert is_child(3) is None
