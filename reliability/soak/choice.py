"""What is done next, and by whom: a walk that is the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from reliability.soak.acts.act import Act
from reliability.soak.acts.factors import Enrol, Unenrol
from reliability.soak.acts.proving import AskForCode, Prove
from reliability.soak.acts.reading import (
    Flip,
    ReadAnonymously,
    ReadNotes,
    ReadSelf,
    ReadSessions,
)
from reliability.soak.acts.recovery import CountCodes, MakeCodes, RemoveCodes, UseCode
from reliability.soak.acts.refreshing import Refresh
from reliability.soak.acts.signing import ChangePassword, Revoke, SignIn, SignOut
from reliability.soak.model import WRONG, Access, Person
from reliability.soak.world import World
from tests.support.totp import code_for

KEYS = (None, "key one", "key two")
NAMES = ("Phone", "Tablet", "Watch", "Key ring")
NO_DIGITS = "000000"
NO_CODE = "0000-0000-0000-0000"
MOST = 3
"""Authenticators that somebody has."""


@dataclass
class Choice:
    """One person's next act. Each method makes one of a kind."""

    random: Random
    world: World
    person: Person

    def act(self) -> Act:
        """Anything; mostly what a client would do, and sometimes what an attacker would."""
        kinds = [*_WEIGHTS]
        (kind,) = self.random.choices(kinds, [_WEIGHTS[kind] for kind in kinds])
        return kind(self)

    def chore(self) -> Act | None:
        """What a device has to do before it can do anything else: always, where none can act."""
        waiting = [s for s in self.person.devices if not self._can_act(s)]
        if not waiting or (len(waiting) < len(self.person.devices) and self.random.random() < 0.8):
            return None
        session = self.random.choice(waiting)
        if self.person.families[session].is_alive(self.world.now):
            return self.refresh(session)
        return self.sign_in(self.person.devices.index(session), right=True)

    def session(self) -> str:
        """Of a device that can act, and often can do everything; rarely of another, or one that a
        device had before."""
        chance = self.random.random()
        if chance < 0.02:
            return self.random.choice([*self.person.families])
        ready = [session for session in self.person.devices if self._can_act(session)]
        if chance > 0.97 or not ready:
            return self.random.choice(self.person.devices)
        fresh = [s for s in ready if self.person.families[s].is_fresh(self.world.now)]
        return self.random.choice(fresh if fresh and chance < 0.5 else ready)

    def _can_act(self, session: str) -> bool:
        return self.person.refuses(session, self.person.access[session], self.world.now) is None

    def sign_in(self, device: int | None = None, *, right: bool | None = None) -> Act:
        if device is None:
            device = self.random.randrange(len(self.person.devices))
        if right is None:
            right = self.random.random() > self.world.clumsy
        password = self.person.password if right else self.random.choice((0, 1, WRONG))
        return SignIn(self.person.ref, self.person.email, password, device)

    def refresh(self, session: str | None = None, key: str | None = None) -> Act:
        """Of the newest token, with any key."""
        session = session or self.session()
        chain = self.person.chains[session]
        key = key or self.random.choice(KEYS)
        return Refresh(self.person.ref, session, len(chain), chain[-1], key)

    def old_refresh(self) -> Act:
        """Of a token that was traded already: the retry of a client, or a thief's."""
        session = self.session()
        chain = self.person.chains[session]
        back = min(self.random.choice((1, 1, 1, 2, 3)), len(chain) - 1)
        honest = self.random.random() < 0.7
        key = self.person.families[session].key if honest else self.random.choice(KEYS)
        return Refresh(self.person.ref, session, len(chain) - back, chain[-1 - back], key)

    def read(self) -> Act:
        write = self.person.note if self.random.random() < 0.2 else None
        return ReadNotes(*self.asking(), write)

    def read_anonymously(self) -> Act:
        return ReadAnonymously(self.person.ref, self.world.public[self.person.ref])

    def read_self(self) -> Act:
        return self.random.choice((ReadSelf, ReadSessions, CountCodes))(*self.asking())

    def flip(self) -> Act:
        tenant = self.world.tenants[self.person.ref]
        return Flip(tenant.ref, tenant.row, not tenant.required)

    def enrol(self, session: str | None = None) -> Act:
        if len(self.person.owner.factors) >= MOST:
            return self.unenrol()
        return Enrol(*self.asking(session), self.random.choice(NAMES))

    def ask_for_code(self) -> Act:
        return AskForCode(*self.asking(), self.factor())

    def prove(self, session: str | None = None, code: str | None = None) -> Act:
        """With a code that is good, or used, or wrong; to finish what is being set up, if anything
        is; with a challenge or without."""
        if session is None and self.random.random() < (0.25 if self.person.owner.factors else 0.9):
            session = self.setting_up()
        ref, session, held = self.asking(session)
        pending = self.person.pending.get(session)
        factor: str | None = self.factor(session)
        if code is None:
            code = self.code(pending.secret if pending and factor == pending.id else None)
        challenge = self.person.challenges.get(session)
        if self.random.random() < 0.03:
            challenge = self.stranger().challenges.get(session, challenge)
        if challenge is not None and self.random.random() < 0.5:
            if self.random.random() < 0.9:
                factor = challenge.factor
        else:
            challenge = None
            factor = factor if pending or self.random.random() < 0.3 else None
        return Prove(ref, session, held, code, factor, challenge, self.random.choice(KEYS))

    def finish(self, session: str) -> Act:
        """Setting up an authenticator, by its code."""
        pending = self.person.pending[session]
        code = self.code(pending.secret)
        return Prove(*self.asking(session), code, pending.id, None, self.random.choice(KEYS))

    def setting_up(self) -> str | None:
        """A session that can finish an authenticator, if there is one."""
        able = [s for s in self.person.pending if self._can_act(s)]
        return self.random.choice(able) if able else None

    def code(self, secret: str | None = None) -> str:
        """Mostly one that is good; how often not is the story's own. At times a stranger's."""
        now = self.world.now
        good = self.random.random() > self.world.clumsy
        if secret is not None:
            return code_for(secret, now - 30) if good else NO_DIGITS
        owner = self.stranger().owner if self.random.random() < 0.03 else self.person.owner
        if not owner.factors:
            return NO_DIGITS
        factor = self.random.choice(owner.factors)
        step = factor.next_step(now)
        if good and step is not None:
            return code_for(factor.secret, step * 30)
        if self.random.random() < 0.5:
            return code_for(factor.secret, now + 30 * self.random.randint(-2, 2))
        return NO_DIGITS

    def factor(self, session: str | None = None) -> str:
        """The id of one, or of what is being set up; rarely a stranger's."""
        person = self.stranger() if self.random.random() < 0.03 else self.person
        known = [factor.id for factor in person.owner.factors]
        if session in person.pending and self.random.random() < 0.9:
            return person.pending[session].id
        return self.random.choice(known or [_NOBODYS])

    def unenrol(self) -> Act:
        return Unenrol(*self.asking(), self.factor())

    def make_codes(self) -> Act:
        return MakeCodes(*self.asking(), self.random.random() < 0.8)

    def remove_codes(self) -> Act:
        return RemoveCodes(*self.asking())

    def use_code(self, session: str | None = None, code: str | None = None) -> Act:
        return UseCode(
            *self.asking(session), code or self.recovery_code(), self.random.choice(KEYS)
        )

    def recovery_code(self) -> str:
        owner = self.stranger().owner if self.random.random() < 0.05 else self.person.owner
        if owner.unused and self.random.random() > self.world.clumsy:
            return self.random.choice(owner.unused)
        return self.random.choice([*owner.used, NO_CODE])

    def sign_out(self) -> Act:
        scope = self.random.choice(("local", "local", "others", "global"))
        return SignOut(*self.asking(), scope)

    def revoke(self) -> Act:
        person = self.stranger() if self.random.random() < 0.1 else self.person
        return Revoke(*self.asking(), self.random.choice([*person.families]))

    def change_password(self) -> Act:
        current = self.person.password
        if self.random.random() < 0.2:
            current = self.random.choice((0, 1, WRONG))
        new = 1 - self.person.password if self.random.random() < 0.9 else self.person.password
        return ChangePassword(*self.asking(), current, new)

    def asking(self, session: str | None = None) -> tuple[str, str, Access]:
        session = session or self.session()
        return self.person.ref, session, self.person.access[session]

    def stranger(self) -> Person:
        """Somebody else, at this backend or another."""
        others = [person for person in self.world.people if person.row != self.person.row]
        return self.random.choice(others)


_NOBODYS = "00000000-0000-4000-8000-000000000000"

_WEIGHTS: dict[Callable[[Choice], Act], float] = {
    Choice.read: 17,
    Choice.read_anonymously: 3,
    Choice.read_self: 6,
    Choice.refresh: 16,
    Choice.old_refresh: 4,
    Choice.sign_in: 6,
    Choice.prove: 20,
    Choice.ask_for_code: 5,
    Choice.enrol: 4,
    Choice.unenrol: 2,
    Choice.make_codes: 3,
    Choice.remove_codes: 0.6,
    Choice.use_code: 5,
    Choice.sign_out: 1.2,
    Choice.revoke: 1,
    Choice.change_password: 2.5,
    Choice.flip: 2,
}
