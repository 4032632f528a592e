"""Steps, batches, and what the model said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reliability.page.tables import table


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """How far it went, and what was answered."""
    yield (
        f"{found['steps']:,} steps in {found['stories']:,} stories, {found['parallel']:,} of them "
        f"beside others in {found['batches']:,} batches (seed {found['seed']}), "
        f"{found['seconds'] / 60:.0f} minutes. Each was as the model says."
    )
    yield ""
    yield from table(("answer", "steps"), found["answers"].items())
