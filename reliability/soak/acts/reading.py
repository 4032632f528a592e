"""Reading: one's data, everybody's data, oneself; and the switch that says who may."""

from __future__ import annotations

from dataclasses import dataclass

from lingauth.models import Backend
from reliability.soak.acts.act import Act, Asking, Course
from reliability.soak.model import Scene, Want
from reliability.soak.wire import Sent, Told, Wire
from tests.invariants.actions import require_mfa


@dataclass(frozen=True)
class ReadNotes(Asking):
    """Gated. With ``write`` one of one's own is written."""

    write: int | None = None

    def sent(self) -> Sent:
        if self.write is None:
            return Sent("GET", "rest/v1/notes?select=id", token=self.held.token)
        path = f"rest/v1/notes?id=eq.{self.write}"
        return Sent("PATCH", path, {"title": "Changed"}, token=self.held.token)

    def course(self, scene: Scene, told: Told) -> Course:
        if self.refusal(scene) is not None:
            return Want(401, "invalid_token")
        return (yield from self.allowed(scene, told))

    def outcome(self, scene: Scene, told: Told) -> Want:
        person = scene.person
        if scene.tenant.required and not person.families[self.session].at_aal2(scene.now):
            step = "challenge" if person.owner.factors else "enroll"
            return Want(403, "mfa_required", {"next": step})
        if self.write is not None:
            return Want(204)
        return Want(200, says={"ids": {person.note, *scene.tenant.public}})


@dataclass(frozen=True)
class ReadAnonymously(Act):
    """With the anon key alone. ``before`` is what it was answered the first time."""

    before: bytes

    def sent(self) -> Sent:
        return Sent("GET", "rest/v1/notes")

    def outcome(self, scene: Scene, told: Told) -> Want:
        return Want(200, says={"content": self.before})


@dataclass(frozen=True)
class ReadSelf(Asking):
    def sent(self) -> Sent:
        return Sent("GET", "auth/v1/user", token=self.held.token)

    def outcome(self, scene: Scene, told: Told) -> Want:
        return Want(200, says={"email": scene.person.email, "id": scene.person.uuid})


@dataclass(frozen=True)
class ReadSessions(Asking):
    def sent(self) -> Sent:
        return Sent("GET", "auth/v1/sessions", token=self.held.token)

    def allowed(self, scene: Scene, told: Told) -> Course:
        yield None  # who asks is read first, and then the list
        alive = sum(family.is_alive(scene.now) for family in scene.person.families.values())
        return Want(200, says={"open": alive})


@dataclass(frozen=True)
class Flip(Act):
    """The switch, by an operator."""

    row: int
    required: bool

    def do(self, wire: Wire) -> Told:
        backend = Backend.objects.get(pk=self.row)
        require_mfa(backend, "required" if self.required else "optional")
        return Told(200)

    def outcome(self, scene: Scene, told: Told) -> Want:
        scene.tenant.required = self.required
        scene.tenant.flips += 1
        return Want(200)


@dataclass(frozen=True)
class Trespass(Act):
    """Something of another backend, presented at this one: what it is, and how it is refused.
    ``key``: the API key that goes with it, if that is not this backend's."""

    what: str
    request: Sent
    refused: Want
    key: str | None = None

    def sent(self) -> Sent:
        return self.request

    def do(self, wire: Wire) -> Told:
        return wire.call(self.ref, self.request, key=self.key)

    def outcome(self, scene: Scene, told: Told) -> Want:
        return self.refused
