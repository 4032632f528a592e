"""Recovery codes: making, counting, removing and using them."""

from __future__ import annotations

from dataclasses import dataclass

from reliability.soak.acts.act import Asking, Course
from reliability.soak.acts.proving import SPENT, STALE, UNKNOWN, WRONG
from reliability.soak.model import GONE, Scene, Want
from reliability.soak.wire import Sent, Told


@dataclass(frozen=True)
class MakeCodes(Asking):
    """A first set, or one that replaces what there is."""

    replace: bool

    def sent(self) -> Sent:
        path = "auth/v1/factors/recovery-codes" + ("/regenerate" if self.replace else "")
        return Sent("POST", path, token=self.held.token)

    def outcome(self, scene: Scene, told: Told) -> Want:
        owner = scene.person.owner
        if not owner.factors:
            return Want(422, "mfa_recovery_codes_sole_factor")
        if not scene.person.families[self.session].is_fresh(scene.now):
            return STALE
        if owner.has_codes and not self.replace:
            return Want(422, "mfa_verified_factor_exists")
        owner.unused, owner.used = [*(told.says("codes") or ())], []
        scene.person.codes = (str(told.says("id")), *owner.unused)
        if owner.recovery.failures >= owner.recovery.cap:
            owner.recovery.hit()
        scene.person.happened["recovery_codes_made"] += 1
        return Want(200, says={"total": 10})


@dataclass(frozen=True)
class CountCodes(Asking):
    def sent(self) -> Sent:
        return Sent("GET", "auth/v1/factors/recovery-codes", token=self.held.token)

    def allowed(self, scene: Scene, told: Told) -> Course:
        yield None  # who asks is read first, and then the codes
        owner = scene.person.owner
        if not owner.has_codes:
            return UNKNOWN
        return Want(200, says={"total": 10, "remaining": len(owner.unused)})


@dataclass(frozen=True)
class RemoveCodes(Asking):
    def sent(self) -> Sent:
        return Sent("DELETE", "auth/v1/factors/recovery-codes", token=self.held.token)

    def outcome(self, scene: Scene, told: Told) -> Want:
        owner = scene.person.owner
        if not owner.factors or not scene.person.families[self.session].is_fresh(scene.now):
            return STALE
        if not owner.has_codes:
            return UNKNOWN
        owner.unused, owner.used, scene.person.codes = [], [], ()
        scene.person.happened["recovery_codes_removed"] += 1
        return Want(200)


@dataclass(frozen=True)
class UseCode(Asking):
    code: str
    named: str | None = None

    def sent(self) -> Sent:
        path = "auth/v1/factors/recovery-codes/verify"
        return Sent("POST", path, {"code": self.code}, token=self.held.token, named=self.named)

    def allowed(self, scene: Scene, told: Told) -> Course:
        person, owner, now = scene.person, scene.person.owner, scene.now
        family = person.families[self.session]
        seen = family.elevations
        yield seen
        if not owner.recovery.is_open(now):
            person.happened["recovery_code_refused"] += 1
            return Want(429, "mfa_recovery_codes_locked")
        owner.recovery.miss(now)
        yield seen  # as with a code of an authenticator
        if self.code not in owner.unused:
            person.happened["recovery_code_refused"] += 1
            return WRONG
        if family.ended:
            return GONE
        if family.elevations != seen:
            return SPENT
        owner.unused.remove(self.code)
        owner.used.append(self.code)
        owner.recovery.hit()
        if owner.totp.failures >= owner.totp.cap:
            owner.totp.hit()
        family.verify(now, self.named)
        person.happened["recovery_code_used"] += 1
        return person.hold(self.session, told, now)
