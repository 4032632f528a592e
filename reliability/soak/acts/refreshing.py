"""Trading a refresh token: the newest, an older one, with or without a name for retries."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from reliability.soak.acts.act import Act, Course
from reliability.soak.model import Scene, Want
from reliability.soak.wire import Sent, Told


@dataclass(frozen=True)
class Refresh(Act):
    session: str
    generation: int
    token: str
    named: str | None

    def sent(self) -> Sent:
        body = {"refresh_token": self.token}
        return Sent("POST", "auth/v1/token?grant_type=refresh_token", body, named=self.named)

    def course(self, scene: Scene, told: Told) -> Course:
        person, now = scene.person, scene.now
        family = person.families[self.session]
        if family.ended:
            return Want(400, "refresh_token_not_found")
        if not family.is_alive(now):
            return Want(400, "session_expired")
        back = family.generation - self.generation
        if back == 0:
            family.refresh(now, self.named)
            return person.hold(self.session, told, now)
        match copy(family).presents_old(back, self.named, now):
            case "child":
                family.mint(now)
                return person.hold(self.session, told, now)
            case "refused":
                return Want(400, "refresh_token_not_found")
        # It was seen to be a replay. If another act ends the family first, there is nothing left to
        # end and to write down, and the answer is a refusal all the same.
        yield None
        if not family.ended:
            family.ended = True
            person.happened["refresh_replayed"] += 1
        return Want(400, "refresh_token_already_used")
