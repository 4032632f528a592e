"""What a chain is called, and a head of one as it stands in a log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lingauth.models import Backend, HistorySeal

NONE = "_"
"""The chain of what belongs to no backend. No backend has such a ref."""

_ANCHOR = re.compile(r"(?<![\w-])([a-z0-9-]+|_[0-9]*):([0-9]{1,18}):([0-9a-f]{64})(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head: kept outside of the database, it shows whether the chain still goes that far."""

    chain: str
    number: int
    head: bytes

    def __str__(self) -> str:
        return f"{self.chain}:{self.number}:{self.head.hex()}"


def anchors_in(text: str) -> Iterator[Anchor]:
    """Every head that a text names, such as a line of the log."""
    for chain, number, head in _ANCHOR.findall(text):
        yield Anchor(chain, int(number), bytes.fromhex(head))


class Names:
    """The chains by their names: a backend's ref, ``_7`` for backend 7 that is no more, ``_``."""

    def __init__(self) -> None:
        self._refs: dict[int, str] = dict(Backend.objects.values_list("pk", "ref"))
        self._ids = {ref: key for key, ref in self._refs.items()}

    def of(self, backend_id: int | None) -> str:
        return NONE if backend_id is None else self._refs.get(backend_id, f"_{backend_id}")

    def backend_id(self, name: str) -> int | None:
        """Whose chain that is. Raises LookupError if there is no such backend any more."""
        if name == NONE:
            return None
        return int(name[1:]) if name.startswith("_") else self._ids[name]

    def anchor(self, seal: HistorySeal) -> Anchor:
        return Anchor(self.of(seal.backend_id), seal.number, bytes(seal.head))
