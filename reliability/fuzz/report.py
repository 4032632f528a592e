"""What a run came to, for people."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reliability.fuzz.tally import Tally


def show(tally: Tally, console: Console, seed: int) -> bool:
    """Print it. Whether nothing was wrong, and every operation succeeded at least once."""
    classes = ("2xx", "3xx", "4xx", "5xx")
    table = Table("operation", *classes, "calls")
    closed = tally.never_done(tally.statuses)
    for name, counted in tally.statuses.items():
        each = [sum(n for status, n in counted.items() if status[0] == c[0]) for c in classes]
        style = "red" if name in closed else ""
        row = [f"{n:,}" if n else "" for n in (*each, counted.total())]
        table.add_row(escape(name), *row, style=style)
    console.print(table)
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in tally.kinds.most_common())
    console.print(f"{tally.calls:,} calls (seed {seed}): {kinds}")
    for name in closed:
        console.print(f"[red]{escape(name)} never succeeded[/red]")
    for mistake in sorted(tally.mistakes.values(), key=lambda m: -m.count):
        told = f"{mistake.count:,} × {mistake.operation}: {mistake.problem}"
        console.print(f"\n{told}", style="red", markup=False)
        for call in mistake.calls:
            console.print(f"  {call['drawn']}", markup=False)
            console.print(f"  {call['call']}", markup=False, soft_wrap=True)
            console.print(f"  {call['answer']}", markup=False, soft_wrap=True)
    if not tally.mistakes:
        console.print(f"{tally.calls:,} calls, nothing wrong", style="green")
    return not tally.mistakes and not closed
