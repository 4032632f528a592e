"""The score, by room, and those that live with a reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import starmap
from typing import Any

from reliability.page.tables import table


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Rooms are the folders of ``lingauth``, and the files beside them."""
    yield (
        f"**{found['score']:.1%}**: of {found['mutants']:,} mutants, {found['killed']:,} were "
        f"noticed, in {found['minutes']:.0f} minutes."
    )
    yield ""
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for path, counts in found["modules"].items():
        rooms[_room(path)].update(counts)
    yield from table(("room", "mutants", "noticed", "share"), starmap(_row, rooms.items()))
    yield ""
    kept = Counter(entry["reason"] or "No reason yet" for entry in found["survivors"])
    yield from table(("why the others live", "mutants"), kept.most_common())


def _room(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) < 4 else "/".join(parts[:3])


def _row(room: str, counts: Counter[str]) -> list[object]:
    total = counts.total()
    return [f"`{room}`", total, counts["killed"], f"{counts['killed'] / total:.1%}"]
