"""Is there an order in which what was done at the same moment could have been done?

Whole acts are tried in each order first. Only where none explains what came of them, the parts of
the acts are put between each other, as ``acts`` says they may be.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from reliability.soak.acts.act import Act
from reliability.soak.model import Scene, Want
from reliability.soak.wire import Told

Fits = Callable[[Scene], str]
"""What of the rows a scene does not explain; empty if nothing."""


@dataclass(frozen=True)
class Done:
    """An act, and what it was answered."""

    act: Act
    told: Told


@dataclass(frozen=True)
class Verdict:
    """The scene as it is after an order that explains all; without one, why each does not."""

    scene: Scene | None
    tried: Sequence[str] = ()
    interleaved: bool = False


def judge(before: Scene, batch: Sequence[Done], fits: Fits) -> Verdict:
    """``batch`` in the order in which the answers came, which is the likeliest."""
    for scene in _whole(before, batch, range(len(batch))):
        if not fits(scene):
            return Verdict(scene)
    for scene in _in_parts(before, batch):
        if not fits(scene):
            return Verdict(scene, interleaved=True)
    return Verdict(None, [*_reasons(before, batch, fits)])


def perform(done: Done, scene: Scene) -> str:
    """Go on from the scene by a whole act. What its answer should not have been; or nothing."""
    course = done.act.course(scene, done.told)
    while True:
        try:
            next(course)
        except StopIteration as end:
            wanted: Want = end.value
            return wanted.differs(done.told)


def _whole(before: Scene, batch: Sequence[Done], left: Sequence[int]) -> Iterator[Scene]:
    """What comes of each order of whole acts whose answers are right."""
    if not left:
        yield before
    for index in left:
        scene = before.copy()
        if not perform(batch[index], scene):
            yield from _whole(scene, batch, [each for each in left if each != index])


def _in_parts(before: Scene, batch: Sequence[Done]) -> Iterator[Scene]:
    """What comes of each order of their parts. A generator cannot be copied, so each beginning is
    played again; but none goes on from where another has been."""
    known: set[Hashable] = set()
    beginnings: list[tuple[int, ...]] = [()]
    while beginnings:
        steps = beginnings.pop()
        scene = before.copy()
        courses = [done.act.course(scene, done.told) for done in batch]
        remembered: list[Hashable] = [0] * len(batch)
        left = dict.fromkeys(range(len(batch)), 0)
        for index in steps:
            try:
                left[index] += 1
                remembered[index] = next(courses[index])
            except StopIteration as end:
                del left[index]
                remembered[index] = None
                if end.value.differs(batch[index].told):
                    break
        else:
            state = (scene.state(), *remembered, *left.items())
            if state in known:
                continue
            known.add(state)
            if not left:
                yield scene
            beginnings += [(*steps, index) for index in left]


def _reasons(before: Scene, batch: Sequence[Done], fits: Fits) -> Iterator[str]:
    for order in permutations(range(len(batch))):
        scene = before.copy()
        wrong = ""
        for index in order:
            if wrong := perform(batch[index], scene):
                wrong = f"{index + 1}. is not explained: {wrong}"
                break
        names = ", ".join(str(index + 1) for index in order)
        yield f"In the order {names}: {wrong or fits(scene)}"
