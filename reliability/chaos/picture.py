"""A run as a picture: what people were answered in each second, and which fault there was then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.note { font-size: 12px; fill: #59636e; }
.band { fill: #7d859022; } .axis { stroke: #7d8590; }
.answered { fill: #2f81f7; } .unavailable { fill: #d29922; } .unanswered { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; }
  .answered { fill: #4493f8; } .unanswered { fill: #f85149; }
}
"""
WIDTH, LEFT, HIGH, LABEL, TOP = 960, 40, 180, 17, 46
KINDS = ("answered", "unavailable", "unanswered")
_LEGEND = {
    "answered": "answered",
    "unavailable": "503, try again",
    "unanswered": "no answer arrived",
}


def draw(timeline: Sequence[Sequence[int]], faults: Sequence[Mapping[str, Any]]) -> str:
    """``timeline`` has a row a second: the second, and how many calls came to each of KINDS.
    ``faults`` have ``words``, and ``began`` and ``ended`` in seconds."""
    struck = [fault for fault in faults if not fault.get("not_run")]
    length = max([1, *(row[0] + 1 for row in timeline), *(int(f["ended"]) + 1 for f in struck)])
    most = max([1, *(sum(row[1:]) for row in timeline)])
    wide = (WIDTH - LEFT) / length
    floor = TOP + LABEL * len(struck) + HIGH
    title = "Calls a second while faults struck, and what became of them"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {floor + 30}" '
        f'width="{WIDTH}" height="{floor + 30}" role="img" aria-labelledby="title">',
        f'<title id="title">{title}</title>',
        f"<style>{_STYLE}</style>",
        f'<text x="0" y="14">{title}</text>',
        *_legend(),
        *_bands(struck, wide, floor),
        *_columns(timeline, wide, floor, most),
        *_axes(length, most, wide, floor),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _legend() -> Iterator[str]:
    for number, kind in enumerate(KINDS):
        x = 150 * number
        yield f'<rect x="{x}" y="24" width="10" height="10" class="{kind}"/>'
        yield f'<text x="{x + 16}" y="34" class="note">{_LEGEND[kind]}</text>'


def _bands(faults: Sequence[Mapping[str, Any]], wide: float, floor: int) -> Iterator[str]:
    """A grey band for each, from its name down to the floor; names go down like stairs."""
    for number, fault in enumerate(faults):
        y = TOP + LABEL * number
        x, end = LEFT + fault["began"] * wide, LEFT + fault["ended"] * wide
        width = max(2.0, end - x)
        yield (f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{floor - y}" class="band"/>')
        left = x > WIDTH / 2
        place = f'x="{x - 6:.1f}" text-anchor="end"' if left else f'x="{x + width + 6:.1f}"'
        yield f'<text {place} y="{y + 12}" class="note">{escape(fault["words"])}</text>'


def _columns(
    timeline: Sequence[Sequence[int]], wide: float, floor: int, most: int
) -> Iterator[str]:
    for second, *counts in timeline:
        y = float(floor)
        for kind, count in zip(KINDS, counts, strict=True):
            if count:
                high = count / most * HIGH
                y -= high
                yield (
                    f'<rect x="{LEFT + second * wide:.1f}" y="{y:.1f}" '
                    f'width="{max(wide * 0.85, 0.5):.2f}" height="{high:.1f}" class="{kind}"/>'
                )


def _axes(length: int, most: int, wide: float, floor: int) -> Iterator[str]:
    yield f'<line x1="{LEFT}" y1="{floor}" x2="{WIDTH}" y2="{floor}" class="axis"/>'
    for count, y in ((most, floor - HIGH + 5), (0, floor)):
        yield f'<text x="{LEFT - 6}" y="{y}" text-anchor="end" class="note">{count}</text>'
    every = 60 if length > 150 else 10
    for second in range(0, length, every):
        x = LEFT + second * wide
        yield f'<text x="{x:.1f}" y="{floor + 18}" class="note">{second} s</text>'
