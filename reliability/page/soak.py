"""Steps, batches, and what the model said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reliability.page.tables import table


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """How far it went, and what was answered, whatever was asked."""
    yield (
        f"{found['steps']:,} steps in {found['stories']:,} stories, and {found['batches']:,} times "
        f"several at the same moment; {found['workers']} workers, seed {found['seed']}, "
        f"{found['seconds'] / 60:.0f} minutes."
    )
    yield ""
    if found["broken"]:
        yield f"**{len(found['broken']):,} were not as the model says.**"
    else:
        yield "**Each was as the model says**, and so were the rows afterwards."
    yield ""
    answers: Counter[str] = Counter()
    for asked, count in found["answers"].items():
        answers[asked.split()[-1]] += count
    yield from table(("answer", "steps"), ((f"`{a}`", n) for a, n in answers.most_common()))
