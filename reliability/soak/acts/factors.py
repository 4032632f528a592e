"""Setting up an authenticator, and removing one."""

from __future__ import annotations

from dataclasses import dataclass

from reliability.soak.acts.act import Asking
from reliability.soak.model import Pending, Scene, Want
from reliability.soak.wire import Sent, Told


@dataclass(frozen=True)
class Enrol(Asking):
    """Begin to set one up. Judged when its turn comes, so it is one whole."""

    name: str

    def sent(self) -> Sent:
        body = {"factor_type": "totp", "friendly_name": self.name}
        return Sent("POST", "auth/v1/factors", body, token=self.held.token)

    def outcome(self, scene: Scene, told: Told) -> Want:
        person, now = scene.person, scene.now
        owner, family = person.owner, person.families[self.session]
        if owner.factors and not family.is_fresh(now):
            return Want(403, "insufficient_aal")
        if any(factor.name == self.name for factor in owner.factors):
            return Want(422, "mfa_factor_name_conflict")
        if told.status == 200:
            secret = told.body["totp"]["secret"]
            person.pending[self.session] = Pending(told.body["id"], secret, self.name, now)
        person.happened["factor_enrolment_started"] += 1
        return Want(200)


@dataclass(frozen=True)
class Unenrol(Asking):
    """Remove one, finished or not; it may be somebody else's."""

    factor: str

    def sent(self) -> Sent:
        return Sent("DELETE", f"auth/v1/factors/{self.factor}", token=self.held.token)

    def outcome(self, scene: Scene, told: Told) -> Want:
        person = scene.person
        pending, owner = person.pending.get(self.session), person.owner
        if pending is not None and pending.id == self.factor:
            del person.pending[self.session]
            return Want(200)
        factor = person.factor(self.factor)
        if factor is None:
            return Want(404, "mfa_factor_not_found")
        if not person.families[self.session].is_fresh(scene.now):
            return Want(422, "insufficient_aal")
        if len(owner.factors) == 1 and owner.has_codes:
            return Want(422, "mfa_recovery_codes_sole_factor")
        owner.factors.remove(factor)
        for family in person.families.values():
            family.verified = None
        person.happened["factor_removed"] += 1
        return Want(200)
