"""Pictures: bars of requests per CPU-second, readable on light and on dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.sites import LINGAUTH

Groups = Mapping[str, Mapping[str, float]]
"""Requests per CPU-second by operation, and by who."""

SHOWN = ("gated read", "first read", "refresh", "factor verify", "sign-in net", "sign-in")

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.head { font-weight: 600; }
.note { font-size: 12px; fill: #59636e; }
.limit { fill: none; stroke: #7d8590; } .peer { fill: #7d8590; } .own { fill: #2f81f7; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; }
  .own { fill: #4493f8; }
}
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Pixels."""

    width: int
    labels: int
    bars: int
    bar: int = 15
    gap: int = 5
    between: int = 40


WIDE = Layout(width=760, labels=200, bars=460)


def groups(operations: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Groups:
    """Everybody's figures, but for SQLite's."""
    return {
        operation: {
            label: float(row["per_cpu_second"])
            for label, row in operations.get(operation, {}).items()
            if "SQLite" not in label
        }
        for operation in SHOWN
    }


def draw(found: Groups, title: Sequence[str], layout: Layout = WIDE) -> str:
    """One group of bars for each operation, each group with a scale of its own."""
    parts: list[str] = []
    y = 16 * len(title)
    for number, line in enumerate(title, 1):
        parts.append(f'<text x="0" y="{16 * number - 3}" class="note">{escape(line)}</text>')
    for operation, figures in found.items():
        if figures:
            parts += _group(operation, figures, y + 18, layout)
            y += layout.between + len(figures) * (layout.bar + layout.gap)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {layout.width} {y + 10}" '
            f'width="{layout.width}" height="{y + 10}" role="img" aria-labelledby="title">',
            f'<title id="title">{escape(" ".join(title))}</title>',
            f"<style>{_STYLE}</style>",
            *parts,
            "</svg>\n",
        )
    )


def _group(operation: str, figures: Mapping[str, float], y: int, layout: Layout) -> Iterator[str]:
    longest = max(figures.values())
    yield f'<text x="0" y="{y + 12}" class="head">{escape(operation)}</text>'
    y += 20
    for label, value in figures.items():
        kind = "own" if label == LINGAUTH else "limit" if label.startswith("limit") else "peer"
        length = max(1.0, layout.bars * value / longest)
        bold = ' class="head"' if kind == "own" else ""
        base = y + layout.bar - 3
        yield (
            f'<text x="{layout.labels - 8}" y="{base}" text-anchor="end"{bold}>'
            f"{escape(label)}</text>"
        )
        yield (
            f'<rect x="{layout.labels}" y="{y}" width="{length:.1f}" height="{layout.bar}" '
            f'rx="2" class="{kind}"/>'
        )
        yield f'<text x="{layout.labels + length + 6:.1f}" y="{base}">{value:,.0f}</text>'
        y += layout.bar + layout.gap
