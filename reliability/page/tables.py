"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def table(titles: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> Iterator[str]:
    """The first ``left`` columns are words, the others numbers; these get their commas."""
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * left}{'---:|' * (len(titles) - left)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text.replace("|", "\\|")
