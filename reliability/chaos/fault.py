"""What a fault is."""

from __future__ import annotations

from typing import Protocol

from reliability.chaos.site import Site


class Fault(Protocol):
    """Strikes, lasts for about ``site.seconds``, and ends: what is over in a moment happens again
    and again. Afterwards the site is whole again, and has only to find out.

    ``name`` is in plain words, for the table. It is called on the main thread, since processes end
    with the thread that started them.
    """

    name: str

    def __call__(self, site: Site) -> None: ...
