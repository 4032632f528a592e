"""A story: some hundreds of steps in a world of their own, from a seed and a number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pprint import pformat
from random import Random

import time_machine

from reliability.soak import rows
from reliability.soak.acts.act import Act
from reliability.soak.choice import Choice
from reliability.soak.crew import Crew
from reliability.soak.judge import Done, judge, perform
from reliability.soak.model import Person, Scene
from reliability.soak.together import batch
from reliability.soak.trespass import trespass
from reliability.soak.world import DEVICES, World

START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
LENGTH = 500
"""Steps of a story."""
TOGETHER = 0.17
"""The share of rounds in which several acts are done at once, if there is nothing else to do."""
LOOK = 40
"""Rounds after which the whole database is compared with the model."""
PAUSES = {0: 60, 1: 8, 15: 8, 30: 18, 31: 3, 310: 1, 600: 0.5, 601: 0.5, 901: 0.8, 1_801: 0.5,
          3_599: 0.2, 3_600: 0.4, 43_200: 0.1, 86_400: 0.1, 864_000: 0.04}  # fmt: skip
"""Seconds between two rounds, and how often they pass."""


class Broken(AssertionError):
    """Something was not as the model says. The text has all that a person needs to see it."""


@dataclass
class Tally:
    """What a run came to."""

    steps: int = 0
    stories: int = 0
    batches: int = 0
    interleaved: int = 0
    """Batches that no order of whole acts explains, but one of their parts does."""
    answers: Counter[str] = field(default_factory=Counter)
    """Acts and how they were answered."""

    def add(self, other: Tally) -> None:
        self.steps += other.steps
        self.stories += other.stories
        self.batches += other.batches
        self.interleaved += other.interleaved
        self.answers.update(other.answers)


class Story:
    """Number ``number`` of a ``seed``. ``together``: the share of rounds with several acts."""

    def __init__(self, seed: int, number: int, *, together: float = TOGETHER) -> None:
        self.together = together
        self.name = f"seed {seed}, story {number}"
        self.random = Random(f"{seed} {number}")
        self.tally = Tally()

    def play(self, length: int = LENGTH) -> Iterator[int]:
        """Play it, telling after each round how many steps were made. Raises Broken."""
        rows.clear()
        with time_machine.travel(START, tick=False) as traveller:
            self.world = World.make(int(START.timestamp()))
            self.world.clumsy = self.random.choice((0.1, 0.2, 0.2, 0.6))
            with Crew(self.world.wire) as crew:
                for person in self.world.people:
                    yield from self._settle_in(person.row)
                rounds, self.of = 0, self.world.people[0].row
                while self.tally.steps < length:
                    (pause,) = self.random.choices([*PAUSES], [*PAUSES.values()])
                    if pause:
                        traveller.shift(pause)
                        self.world.now += pause
                    yield self._round(crew)
                    rounds += 1
                    if rounds % LOOK == 0:
                        self._look()
                self._look()
        self.tally.stories += 1

    def _settle_in(self, row: int) -> Iterator[int]:
        """More devices, and mostly a second factor and recovery codes."""
        person = self._person(row)
        for device in range(1, self.random.choice(DEVICES)):
            person.devices.append(person.devices[0])
            yield self._alone(
                row, Choice(self.random, self.world, person).sign_in(device, right=True)
            )
        for kind, share in (("enrol", 0.85), ("prove", 0.95), ("make_codes", 0.7)):
            if self.random.random() > share:
                return
            choice = Choice(self.random, self.world, self._person(row))
            yield self._alone(row, getattr(choice, kind)())

    def _round(self, crew: Crew) -> int:
        if self.random.random() < 0.2:
            self.of = self.random.choice(self.world.people).row
        person = self._person(self.of)
        choice = Choice(self.random, self.world, person)
        if self.random.random() < 0.06 and (attempt := trespass(self.random, self.world)):
            victim = next(p for p in self.world.people if p.ref == attempt.ref)
            return self._alone(victim.row, attempt)
        if chore := choice.chore():
            return self._alone(person.row, chore)
        if self.random.random() < self.together:
            return self._together(crew, person, batch(choice))
        return self._alone(person.row, choice.act())

    def _alone(self, row: int, act: Act) -> int:
        scene = self.world.scene(self._person(row))
        before = scene.copy()
        done = Done(act, act.do(self.world.wire))
        self._count([done])
        if wrong := perform(done, scene):
            raise self._broken(before, [done], [wrong])
        return 1

    def _together(self, crew: Crew, person: Person, acts: list[Act]) -> int:
        late = self.random.random() < 0.5
        delays = [late * self.random.random() * 0.003 for _ in acts]
        scene = self.world.scene(person)
        done = crew.together(acts, delays)
        self._count(done)
        found = rows.of_people([person])[person.row]
        verdict = judge(scene, done, lambda after: rows.differs(after.person, found))
        if verdict.scene is None:
            raise self._broken(scene, done, verdict.tried)
        self.tally.batches += 1
        self.tally.interleaved += verdict.interleaved
        _forget_undecided(scene.person, verdict.scene.person)
        self.world.take(verdict.scene)
        return len(acts)

    def _look(self) -> None:
        if wrong := self.world.wrong():
            raise Broken(f"{self.name}, after step {self.tally.steps}:\n{wrong}")

    def _count(self, done: list[Done]) -> None:
        self.tally.steps += len(done)
        for each in done:
            code = each.told.says("code") if each.told.status >= 400 else None
            self.tally.answers[f"{type(each.act).__name__} {code or each.told.status}"] += 1

    def _person(self, row: int) -> Person:
        return next(person for person in self.world.people if person.row == row)

    def _broken(self, before: Scene, done: Sequence[Done], why: Sequence[str]) -> Broken:
        acts = "\n".join(f"{n}. {each.act}\n   {each.told}" for n, each in enumerate(done, 1))
        at_once = " at the same moment, in the order of the answers" if len(done) > 1 else ""
        text = (
            f"{self.name}, at step {self.tally.steps}. What was done{at_once}:\n{acts}\n\n"
            f"What is wrong:\n" + "\n".join(why) + f"\n\nThe model before that, at {before.now}:\n"
            f"{before.tenant}\n{pformat(before.person, width=100)}"
        )
        return Broken(_TOKEN.sub(_shortened, text))


def _forget_undecided(before: Person, after: Person) -> None:
    """Where a session asked for a challenge while it was verified, nothing shows which was first,
    and so whether the challenge is spent: it is not used."""
    for session, challenge in [*after.challenges.items()]:
        was = before.families.get(session)
        verified = was is None or was.elevations != after.families[session].elevations
        if verified and before.challenges.get(session) != challenge:
            del after.challenges[session]


_TOKEN = re.compile(r"[\w.-]{70,}")


def _shortened(token: re.Match[str]) -> str:
    """A token's last letters, which tell it from others."""
    return f"…{token[0][-6:]}"
