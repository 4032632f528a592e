"""The password: signing in, changing it; and signing out."""

from __future__ import annotations

from dataclasses import dataclass

from reliability.soak.acts.act import Act, Asking, Course
from reliability.soak.model import GONE, PASSWORDS, Scene, Want
from reliability.soak.wire import Sent, Told

LOCKED = Want(429, "over_request_rate_limit")
STALE = Want(401, "insufficient_aal")


@dataclass(frozen=True)
class SignIn(Act):
    """On a device, whose session before is left as it is."""

    email: str
    password: int
    device: int

    def sent(self) -> Sent:
        body = {"email": self.email, "password": PASSWORDS[self.password]}
        return Sent("POST", "auth/v1/token?grant_type=password", body)

    def course(self, scene: Scene, told: Told) -> Course:
        person, now = scene.person, scene.now
        password, changed = person.password, person.changed
        # The account is read before its turn to guess comes: a password that was changed by then is
        # neither the old one nor the new one for this request.
        yield password, changed
        refused = Want(400, "invalid_credentials")
        if not person.guesses.is_open(now):
            person.happened["sign_in_failed"] += 1
            return LOCKED
        person.guesses.miss(now)
        # A guess counts as wrong until it was found to be right, so that a burst is counted too:
        # others at the same moment may meet its lock.
        yield password, changed
        if self.password != password or person.changed != changed:
            person.happened["sign_in_failed"] += 1
            return refused
        person.guesses.hit()
        person.happened["signed_in"] += 1
        return person.begin(told, self.device, now)


@dataclass(frozen=True)
class ChangePassword(Asking):
    current: int
    new: int

    def sent(self) -> Sent:
        body = {"password": PASSWORDS[self.new], "current_password": PASSWORDS[self.current]}
        return Sent("PUT", "auth/v1/user", body, token=self.held.token)

    def allowed(self, scene: Scene, told: Told) -> Course:
        person, owner, now = scene.person, scene.person.owner, scene.now
        family = person.families[self.session]
        if owner.factors and not family.is_fresh(now):
            return STALE
        yield None
        if not person.guesses.is_open(now):
            person.happened["password_refused"] += 1
            return LOCKED
        person.guesses.miss(now)
        yield None
        if self.current != person.password:
            person.happened["password_refused"] += 1
            return Want(400, "current_password_invalid")
        # It was the password. Should another request of this very session change it before this one
        # does, then both knew it, and the later change stands. Any other session is ended by that.
        yield None
        person.guesses.hit()
        if self.new == self.current:
            return Want(422, "same_password")
        yield None
        if family.ended:
            return GONE
        if owner.factors and not family.is_fresh(now):
            return STALE
        person.password, person.changed = self.new, now
        person.end_others(self.session)
        person.happened["password_changed"] += 1
        return Want(200)


@dataclass(frozen=True)
class SignOut(Asking):
    """Of a ``scope``: this session, the others, all."""

    scope: str

    def sent(self) -> Sent:
        return Sent("POST", f"auth/v1/logout?scope={self.scope}", token=self.held.token)

    def allowed(self, scene: Scene, told: Told) -> Course:
        # Whoever was signed in when the request began may end sessions, also if its own has just
        # been ended by another request: that only takes away.
        yield None
        for name, family in scene.person.families.items():
            mine = name == self.session
            family.ended |= self.scope == "global" or mine == (self.scope == "local")
        scene.person.happened["signed_out"] += 1
        return Want(204)


@dataclass(frozen=True)
class Revoke(Asking):
    """Another session, by its id; it may be somebody else's."""

    other: str

    def sent(self) -> Sent:
        return Sent("DELETE", f"auth/v1/sessions/{self.other}", token=self.held.token)

    def allowed(self, scene: Scene, told: Told) -> Course:
        yield None  # as with signing out
        family = scene.person.families.get(self.other)
        if family is None or family.ended:
            return Want(404, "session_not_found")
        family.ended = True
        scene.person.happened["session_revoked"] += 1
        return Want(204)
