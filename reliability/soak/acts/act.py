"""An act, and one of somebody who is signed in."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from dataclasses import dataclass

from reliability.soak.model import Access, Scene, Want
from reliability.soak.wire import Sent, Told, Wire

Course = Generator[Hashable, None, Want]
"""Yields what the act remembers where others may come in between."""


@dataclass(frozen=True)
class Act:
    """Something that is done at the backend ``ref``."""

    ref: str

    def sent(self) -> Sent:
        raise NotImplementedError

    def do(self, wire: Wire) -> Told:
        return wire.call(self.ref, self.sent())

    def course(self, scene: Scene, told: Told) -> Course:
        """Change the scene as the act does, and answer what it has to be answered. ``told`` is what
        it was: there are the ids and secrets that only the server can know.

        An act that is one whole has an ``outcome`` instead.
        """
        yield from ()
        return self.outcome(scene, told)

    def outcome(self, scene: Scene, told: Told) -> Want:
        raise NotImplementedError


@dataclass(frozen=True)
class Asking(Act):
    """By a session, with the access token that its device held."""

    session: str
    held: Access

    def refusal(self, scene: Scene) -> Want | None:
        return scene.person.refuses(self.session, self.held, scene.now)

    def course(self, scene: Scene, told: Told) -> Course:
        refusal = self.refusal(scene)
        if refusal is not None:
            return refusal
        return (yield from self.allowed(scene, told))

    def allowed(self, scene: Scene, told: Told) -> Course:
        """The same, of a session that is one."""
        yield from ()
        return self.outcome(scene, told)
