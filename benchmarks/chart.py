"""The picture: bars of requests per CPU-second, readable on light and on dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.sites import LINGAUTH

SHOWN = ("gated read", "refresh", "factor verify", "sign-in net", "sign-in")
WIDTH, LABELS, BARS = 760, 200, 460
BAR, GAP, GROUP = 15, 5, 40

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.head { font-weight: 600; }
.note { font-size: 12px; fill: #59636e; }
.limit { fill: #b6bfc8; } .peer { fill: #7d8590; } .own { fill: #2f81f7; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; }
  .limit { fill: #3d444d; } .peer { fill: #7d8590; } .own { fill: #4493f8; }
}
"""


def draw(operations: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """One group of bars for each operation, each group with a scale of its own."""
    parts: list[str] = []
    y = 34
    for operation in SHOWN:
        figures = {
            label: float(row["per_cpu_second"])
            for label, row in operations.get(operation, {}).items()
            if "SQLite" not in label
        }
        if figures:
            parts += _group(operation, figures, y)
            y += GROUP + len(figures) * (BAR + GAP)
    title = "Requests per CPU-second of server and database together: longer is better"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" '
            f'height="{y}" role="img" aria-labelledby="title">',
            f'<title id="title">{title}</title>',
            f"<style>{_STYLE}</style>",
            f'<text x="0" y="16" class="note">{title}</text>',
            *parts,
            "</svg>\n",
        )
    )


def _group(operation: str, figures: Mapping[str, float], y: int) -> Iterator[str]:
    longest = max(figures.values())
    yield f'<text x="0" y="{y + 12}" class="head">{escape(operation)}</text>'
    y += 20
    for label, value in figures.items():
        kind = "own" if label == LINGAUTH else "limit" if label.startswith("limit") else "peer"
        length = max(1.0, BARS * value / longest)
        bold = ' class="head"' if kind == "own" else ""
        yield f'<text x="{LABELS - 10}" y="{y + 12}" text-anchor="end"{bold}>{escape(label)}</text>'
        yield (
            f'<rect x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" '
            f'class="{kind}"/>'
        )
        yield f'<text x="{LABELS + length + 8:.1f}" y="{y + 12}">{value:,.0f}</text>'
        y += BAR + GAP
