"""What people do all day; some of it by mistake, and some of it with bad intent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from reliability.chaos.held import Held
from reliability.chaos.ledger import Act, Call
from reliability.chaos.person import BURST, ENDED, NOT_SIGNED_IN, REFUSED_CODE, Person

MOST_WRONG = 3
"""Guesses in a row that people allow themselves: two below what locks them out."""
PAUSE = 0.15
"""Seconds between two acts, at most."""
FEW_CODES = 3


class Habits:
    """A person's visits, one after the other. ``held`` is the session they use, if any."""

    def __init__(self, person: Person) -> None:
        self.me, self.luck = person, person.luck
        self.held: Held | None = person.sign_up()
        person.set_up(self.held)

    def go_on(self) -> None:
        """Until it is enough. In the end they are still signed in: their last refresh says so."""
        while not self.me.enough.is_set():
            self._visit()
        if self.held is None or not self.me.refresh(self.held):
            self.held = self.me.sign_in()
        self.me.line.life.holds = self.held.token

    def _visit(self) -> None:
        before, held = self.held, self.me.sign_in()
        self.held = held
        self.me.read(held)
        if self._chance(0.2):
            self.me.guess_password()
        self._prove(held)
        if before is not None:
            self._leave(before)
        for _ in range(self.luck.randrange(15, 60)):
            if self.me.enough.wait(self.luck.random() * PAUSE):
                return
            if not self._act(self.held):
                self.held = None
                return

    def _act(self, held: Held) -> bool:
        """One thing; whether the session goes on."""
        acts: dict[Callable[[Held], bool], int] = {
            self.me.refresh: 20,
            self._refresh_twice: 5,
            self._read: 30,
            self._user: 15,
            self._prove: 10,
            self._guess: 5,
            self._is_robbed: 1,
        }
        return self.luck.choices(list(acts), list(acts.values()))[0](held)

    def _read(self, held: Held) -> bool:
        return self._is_known(held, self.me.read(held))

    def _user(self, held: Held) -> bool:
        return self._is_known(held, self.me.user(held))

    def _is_known(self, held: Held, call: Call) -> bool:
        """Who is told that the access token is no good gets a new one, as apps do."""
        return self.me.refresh(held) if call.status == 401 or call.code == "bad_jwt" else True

    def _refresh_twice(self, held: Held) -> bool:
        """Two tabs wake up at once, and both send the token, by one name."""
        text = held.refresh
        for said in _at_once(lambda: self.me.trade(text), lambda: self.me.trade(text)):
            if "refresh_token" in said:
                held.keep(said)
        return held.refresh != text

    def _prove(self, held: Held) -> bool:
        """A second factor, where one is asked for and there is a code that was not given yet."""
        me = self.me
        if held.level == "aal2":
            if len(me.codes) < FEW_CODES:
                me.make_codes(held)
            return True
        locked = me.wrong[Act.VERIFY] >= BURST
        if me.codes and me.wrong[Act.RECOVER] < BURST and (locked or self._chance(0.15)):
            me.give_recovery_code(held)
        elif not locked and (step := me.fresh_step()) is not None:
            if self._chance(0.3):
                self._guess(held)
            if self._chance(0.3):
                self._prove_twice(held, step)
            else:
                me.give_code(held, step)
        return True

    def _prove_twice(self, held: Held, step: int) -> None:
        """Two devices, and the code is given at both at once. It is good for one of them."""
        me, other = self.me, self.me.sign_in()
        me.read(other)
        devices = [held, other]
        _at_once(
            lambda: me.give_code(held, step, allowed=[REFUSED_CODE]),
            lambda: me.give_code(other, step, allowed=[REFUSED_CODE]),
        )
        me.wrong[Act.VERIFY] = max(1, me.wrong[Act.VERIFY])
        devices.sort(key=lambda device: device.level)
        self.held = devices.pop()
        me.sign_out(devices.pop())

    def _guess(self, held: Held) -> bool:
        """A wrong code, or the last one again."""
        act, code, proof = Act.VERIFY, self.me.wrong_code(), ""
        if self.me.used and self._chance(0.5):
            act, code, proof = self.me.used[-1]
        if self.me.wrong[act] < MOST_WRONG:
            self.me.guess_code(held, code, act=act, proof=proof)
        return True

    def _is_robbed(self, held: Held) -> bool:
        """A thief has an old token of theirs, and uses it: neither keeps the session."""
        if len(held.spent) < 2:
            return True
        self.me.steal(self.luck.choice(held.spent[:-1]))
        return self.me.refresh(held, ENDED)

    def _leave(self, held: Held) -> None:
        """Sign out there. Then nothing of that session works any more."""
        self.me.sign_out(held)
        if self._chance(0.3):
            self.me.read(held, NOT_SIGNED_IN)
            self.me.refresh(held, ENDED)

    def _chance(self, share: float) -> bool:
        return self.luck.random() < share


def _at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each came to; they begin together."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [running.result() for running in [pool.submit(act) for act in acts]]
