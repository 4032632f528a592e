"""The score, by room, and why those live that do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import starmap

from reliability.mutation.standing import Standing
from reliability.mutation.survivors import Key
from reliability.page.tables import table


def lines(
    standing: Standing, reasons: Mapping[Key, str], missing: Sequence[str] = ()
) -> Iterator[str]:
    """Rooms are the folders of ``lingauth``, and the files beside them. ``reasons`` has one for
    each mutant that may live; ``missing`` are the modules that were not run."""
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for path, row in standing.items():
        rooms[_room(path)].update(killed=row["killed"], survived=row["survived"])
    every = sum(rooms.values(), Counter())
    total = every["killed"] + every["survived"]
    dates = sorted({row["date"] for row in standing.values()})
    commits = sorted({row["commit"] for row in standing.values()})
    yield (
        f"{' to '.join(dict.fromkeys((dates[0], dates[-1])))}, "
        f"{'commit' if len(commits) == 1 else 'commits'} "
        f"{', '.join(f'`{commit}`' for commit in commits)}: `python -m reliability.mutation`."
    )
    yield ""
    yield (
        f"**{every['killed'] / total:.1%}**: of {total:,} mutants in {len(standing)} modules, "
        f"{every['killed']:,} were noticed."
    )
    yield ""
    if missing:
        yield f"Not run as they are now: {', '.join(f'`{path}`' for path in missing)}."
        yield ""
    yield from table(("room", "mutants", "noticed", "share"), starmap(_row, sorted(rooms.items())))
    yield ""
    kept = Counter(reason for key, reason in reasons.items() if key[0] in standing)
    if (without := every["survived"] - kept.total()) > 0:
        kept["No reason yet"] = without
    yield from table(("why the others live", "mutants"), kept.most_common())


def _room(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) < 4 else "/".join(parts[:3])


def _row(room: str, counts: Counter[str]) -> list[object]:
    total = counts["killed"] + counts["survived"]
    return [f"`{room}`", total, counts["killed"], f"{counts['killed'] / total:.1%}"]
