"""Reads and writes below HTTP, and who is there to make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from lingauth.data import reads
from lingauth.data.callers import Caller
from lingauth.data.dialect import DataError, Format, pairs, parse, preferences
from lingauth.data.registry import Table, find
from lingauth.data.writes import Wish
from lingauth.models import Account, Backend


def notes() -> Table:
    table = find("notes")
    assert table is not None
    return table


def titles(caller: Caller, query: str = "") -> list[str]:
    asked = parse(notes().shape, pairs(query))
    page = reads.page(notes(), caller, asked, asked.window, count=False)
    return [row["title"] for row in page.rows]


def wish(query: str = "", prefer: str = "return=representation", *, single: bool = False) -> Wish:
    return Wish(parse(notes().shape, pairs(query)), preferences(prefer), Format(single=single))


def refused(act: Any, *args: Any) -> tuple[int, str]:
    with pytest.raises(DataError) as caught:
        act(*args)
    return caught.value.status, caught.value.code


@dataclass
class World:
    """Two backends; Ann and Bob at the first, Eve at the second, two notes each."""

    acme: Backend
    other: Backend
    ann: Account
    bob: Account
    eve: Account
