"""A code of an authenticator: with a challenge or without, of a verified one or to finish one."""

from __future__ import annotations

from dataclasses import dataclass

from reliability.soak.acts.act import Asking, Course
from reliability.soak.model import GONE, Challenge, Pending, Person, Scene, Want, step_of
from reliability.soak.wire import Sent, Told
from tests.invariants.session_model import Authenticator

LOCKED = Want(429, "over_request_rate_limit")
WRONG = Want(422, "mfa_verification_failed")
SPENT = Want(422, "mfa_challenge_expired")
UNKNOWN = Want(404, "mfa_factor_not_found")
STALE = Want(403, "insufficient_aal")
CHALLENGE = 300
"""Seconds that one may be answered for."""


@dataclass(frozen=True)
class AskForCode(Asking):
    factor: str

    def sent(self) -> Sent:
        path = f"auth/v1/factors/{self.factor}/challenge"
        return Sent("POST", path, {}, token=self.held.token)

    def outcome(self, scene: Scene, told: Told) -> Want:
        found = candidates(scene, self.session, self.factor)
        if isinstance(found, Want):
            return found
        person = scene.person
        person.happened["factor_challenged"] += 1
        person.challenges[self.session] = Challenge(
            str(told.says("id")),
            self.session,
            self.factor,
            person.families[self.session].elevations,
            scene.now + CHALLENGE,
        )
        return Want(200)


@dataclass(frozen=True)
class Prove(Asking):
    """Without a ``factor`` any will do."""

    code: str
    factor: str | None = None
    challenge: Challenge | None = None
    named: str | None = None

    def sent(self) -> Sent:
        body = {"code": self.code}
        path = "auth/v1/mfa/verify"
        if self.challenge is not None:
            path = f"auth/v1/factors/{self.factor}/verify"
            body["challenge_id"] = self.challenge.id
        elif self.factor is not None:
            body["factor_id"] = self.factor
        return Sent("POST", path, body, token=self.held.token, named=self.named)

    def allowed(self, scene: Scene, told: Told) -> Course:
        person, owner, now = scene.person, scene.person.owner, scene.now
        family = person.families[self.session]
        seen = family.elevations
        found = candidates(scene, self.session, self.factor)
        if isinstance(found, Want):
            return found
        if self.challenge is not None and not self._fits(self.challenge, seen, now):
            return SPENT
        known_then = tuple(each.id for each in found)
        yield seen, known_then
        if not owner.totp.is_open(now):
            person.happened["factor_refused"] += 1
            return LOCKED
        owner.totp.miss(now)
        locks = owner.totp.failures % owner.totp.burst == 0
        # Counted as wrong until it was found to be right, so that a burst is counted too: others at
        # the same moment may meet its lock, and their guess stays counted if its session is lost.
        yield seen, known_then, locks
        matches = ((each, step_of(each.secret, self.code, now)) for each in found)
        factor, step = next(((f, s) for f, s in matches if s is not None), (None, 0))
        if factor is None:
            person.happened["factor_locked" if locks else "factor_refused"] += 1
            return WRONG
        if isinstance(factor, Pending):
            return self._finished(scene, told, factor, step, seen)
        known = person.factor(factor.id)
        if known is None or step <= known.used:
            person.happened["factor_refused"] += 1
            return WRONG
        if family.ended:
            return GONE
        if family.elevations != seen:
            return SPENT
        known.used = step
        person.happened["factor_verified"] += 1
        return self._raised(scene, told)

    def _finished(self, scene: Scene, told: Told, pending: Pending, step: int, seen: int) -> Want:
        """Asked again, when its turn came, what was asked when the request began."""
        person, owner = scene.person, scene.person.owner
        family = person.families[self.session]
        if family.ended:
            return GONE
        if owner.factors and not family.at_aal2(scene.now):
            return STALE
        if person.pending.get(self.session) != pending:
            person.happened["factor_refused"] += 1
            return WRONG
        if any(factor.name == pending.name for factor in owner.factors):
            return Want(422, "mfa_factor_name_conflict")
        if family.elevations != seen:
            return SPENT
        del person.pending[self.session]
        owner.factors.append(Authenticator(pending.id, pending.secret, step, pending.name))
        for other in person.families.values():
            other.ended |= other is not family and not other.at_aal2(scene.now)
        person.happened["factor_enrolled"] += 1
        return self._raised(scene, told)

    def _raised(self, scene: Scene, told: Told) -> Want:
        scene.person.owner.totp.hit()
        scene.person.families[self.session].verify(scene.now, self.named)
        return scene.person.hold(self.session, told, scene.now)

    def _fits(self, challenge: Challenge, seen: int, now: int) -> bool:
        asked = (challenge.session, challenge.factor, challenge.elevations)
        return asked == (self.session, self.factor, seen) and now < challenge.ends


def candidates(
    scene: Scene, session: str, factor: str | None
) -> list[Authenticator | Pending] | Want:
    """Whose code it may be: any verified one's, or that of this session's own set-up, which at an
    account that has a factor asks for ``aal2``."""
    person = scene.person
    pending = _set_up(person, session, scene.now)
    proven = not person.owner.factors or person.families[session].at_aal2(scene.now)
    if factor is None:
        any_of: list[Authenticator | Pending] = [*person.owner.factors]
        any_of += [pending] if pending is not None and proven else []
        return any_of or UNKNOWN
    if (known := person.factor(factor)) is not None:
        return [known]
    if pending is None or pending.id != factor:
        return UNKNOWN
    return [pending] if proven else STALE


def _set_up(person: Person, session: str, now: int) -> Pending | None:
    pending = person.pending.get(session)
    return pending if pending is not None and pending.is_open(now) else None
