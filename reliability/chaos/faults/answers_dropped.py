"""Answers that nobody hears, of work that was done."""

from __future__ import annotations

import random
from contextlib import ExitStack

from reliability.chaos.site import Site

SHARE = 0.2


class AnswersDropped:
    """Each node's answers get lost, one in five: the connection ends when the answer is whole.

    What was done is done, and nginx asks nobody a second time: it answers 503, and takes the node
    for gone for two seconds. Whoever asked has to find out. A refresh that is repeated with its
    ``Idempotency-Key`` gets the tokens that were lost; a code that was used up is refused, and the
    session knows that it was right.
    """

    name = "Answers are lost after the work was done"

    def __call__(self, site: Site) -> None:
        before = _dropped(site)
        with ExitStack() as losing:
            for wire in site.wires:
                losing.enter_context(wire.drop_answers(SHARE, seed=random.getrandbits(32)))
            site.settle(site.seconds)
        assert _dropped(site) > before, "No answer was lost."


def _dropped(site: Site) -> int:
    return sum(wire.dropped for wire in site.wires)
