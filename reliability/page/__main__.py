"""``make reliability``: write what the last runs left into the page.

Only what stands between the two marks of a part is written; the rest is people's words. A part of
which there was no run here stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reliability.chaos import picture
from reliability.mutation import standing, survivors
from reliability.mutation.mutants import files, of_file
from reliability.mutation.plan import ROOMS
from reliability.page import chaos, fuzz, mutation, soak
from reliability.results import ROOT, read

PAGE = ROOT / "docs" / "reliability.md"
PICTURE = ROOT / "docs" / "images" / "chaos.svg"
Found = Mapping[str, Any]
PARTS: dict[str, Callable[[Found], Iterator[str]]] = {
    "chaos": chaos.lines,
    "chaos-sqlite": chaos.lines,
    "soak": soak.lines,
    "fuzz": fuzz.lines,
}


def main() -> None:
    for name, lines in PARTS.items():
        if (found := read(name)) is None:
            print(f"{name}: no run to tell of")
            continue
        put(PAGE, name, "\n".join([when(found), "", *lines(found)]))
        if name == "chaos":
            PICTURE.write_text(picture.draw(found["timeline"], found["faults"]))
        print(f"{name}: the run of {found['date']}")
    if stands := standing.read():
        missing = [path for path in files(ROOMS) if path not in stands and of_file(path)]
        text = "\n".join(mutation.lines(stands, survivors.known(), missing))
        put(PAGE, "mutation", text)
        print(f"mutation: {len(stands)} modules")


def when(found: Found) -> str:
    """When a run was, of what, and on what."""
    cores = f"{found['cores']} cores, Python {found['python']}, Django {found['django']}"
    return f"{found['date']}, commit `{found['commit']}`: `{found['command']}`, on {cores}."


def put(page: Path, name: str, text: str) -> None:
    """Between the marks of that part of a page. Raises ValueError where it has none."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    words = page.read_text()
    if not 0 <= words.find(begin) < words.find(end):
        raise ValueError(f"{page.name} has no part {name!r}.")
    head, _, rest = words.partition(begin)
    _, _, tail = rest.partition(end)
    page.write_text(f"{head}{begin}{text}\n{end}{tail}")


if __name__ == "__main__":
    main()
