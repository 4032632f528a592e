"""The picture of a run: nothing that happened is left out of it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from reliability.chaos import picture

TIMELINE = [[0, 90, 0, 0], [1, 30, 60, 10], [2, 0, 0, 0], [3, 100, 0, 0]]
FAULTS = [
    {"words": "The disk is full & stays so", "began": 1.0, "ended": 1.9},
    {"words": "Clocks jump", "began": 2.0, "ended": 3.0, "not_run": "There is no libfaketime."},
]


def heights(drawn: str, kind: str) -> list[float]:
    column = rf'y="([\d.]+)" width="[\d.]+" height="([\d.]+)" class="{kind}"'
    return [float(high) for _, high in re.findall(column, drawn)]


def test_each_second_is_as_high_as_it_was_busy() -> None:
    drawn = picture.draw(TIMELINE, FAULTS)
    ElementTree.fromstring(drawn)
    full = picture.HIGH
    legend = 10.0
    assert heights(drawn, "answered") == [legend, 0.9 * full, 0.3 * full, full]
    assert heights(drawn, "unavailable") == [legend, 0.6 * full]
    assert heights(drawn, "unanswered") == [legend, 0.1 * full]


def test_a_fault_that_was_not_run_is_not_drawn() -> None:
    drawn = picture.draw(TIMELINE, FAULTS)
    assert "The disk is full &amp; stays so" in drawn
    assert "Clocks" not in drawn


def test_an_empty_run_is_an_empty_picture() -> None:
    ElementTree.fromstring(picture.draw([], []))
