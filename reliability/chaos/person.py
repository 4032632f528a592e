"""One person with an app and an authenticator: each thing they can do, tried again until told."""

from __future__ import annotations

import time
from collections.abc import Iterable
from threading import Event
from typing import Any

from reliability.chaos.held import Held
from reliability.chaos.ledger import Act, Call, Token, digest
from reliability.chaos.line import Line
from tests.support.app import PASSWORD
from tests.support.totp import code_for

PERIOD = 30
REFUSED_CODE = "mfa_verification_failed"
LOCKED = ("over_request_rate_limit", "mfa_recovery_codes_locked")
BURST = 5
"""Wrong codes in a row after which the product lets nobody guess for a while."""
ENDED = ("refresh_token_not_found", "session_expired")
NOT_SIGNED_IN = ("401", "session_not_found", "bad_jwt")


class Stopped(Exception):
    """This person cannot go on: the message says why."""


class Person:
    """Acts of one account. A call that nobody answered, or with a 503, is made again."""

    def __init__(self, line: Line, enough: Event) -> None:
        self.line, self.enough, self.luck = line, enough, line.luck
        self.name = line.life.name
        self.email = f"{self.name}@example.com"
        self.device = digest(self.luck.random())
        self.secret = self.factor = ""
        self.last_step = 0
        self.codes: list[str] = []
        self.used: list[tuple[Act, str, str]] = []
        """What was accepted: the act, the code, and its name in the ledger."""
        self.wrong = {Act.VERIFY: 0, Act.RECOVER: 0}
        """How many codes in a row may have been counted as wrong."""

    # --- One call each ---------------------------------------------------------------------------

    def sign_up(self) -> Held:
        body = {"email": self.email, "password": PASSWORD}
        call, said = self._insist(Act.SIGN_UP, "POST", "auth/v1/signup", body)
        held = _held(call, said)
        self.line.life.account = said["user"]["id"]
        return held

    def sign_in(self) -> Held:
        return _held(*self._password(PASSWORD, right=True))

    def guess_password(self) -> None:
        self._password(f"not {PASSWORD}", right=False, allowed=["invalid_credentials"])

    def set_up(self, held: Held) -> None:
        """A factor, by the code before the present one; and recovery codes."""
        body = {"factor_type": "totp", "friendly_name": "phone"}
        made = self._insist(Act.SET_UP, "POST", "auth/v1/factors", body, held=held)[1]
        self.secret, self.factor = made["totp"]["secret"], made["id"]
        assert self.give_code(held, int(time.time()) // PERIOD - 1)
        self.make_codes(held)

    def make_codes(self, held: Held) -> None:
        """New ones for the old, unless the last proof was by a clock that was wrong."""
        path = "auth/v1/factors/recovery-codes/regenerate"
        call, said = self._insist(Act.MAKE_CODES, "POST", path, held=held)
        if call.is_done:
            self.codes = said["codes"]

    def give_code(self, held: Held, step: int, *, allowed: Iterable[str] = ()) -> bool:
        """A code of the authenticator's; whether the session is at ``aal2`` now. That it came too
        late surprises nobody."""
        self.last_step = max(self.last_step, step)
        code, proof = self.code(step), f"{self.factor} {step}"
        call = self._call(Act.VERIFY, ["200", *allowed], held, proof=proof)
        done = self._prove(held, call, "auth/v1/mfa/verify", code)
        if time.time() > (step + 2) * PERIOD:
            call.allowed |= {REFUSED_CODE}
        return done

    def give_recovery_code(self, held: Held) -> bool:
        code = self.codes.pop()
        call = self._call(Act.RECOVER, ["200"], held, proof=f"recovery {digest(code)}")
        return self._prove(held, call, "auth/v1/factors/recovery-codes/verify", code)

    def guess_code(self, held: Held, code: str, *, act: Act = Act.VERIFY, proof: str = "") -> None:
        """One that is wrong, or was used before. It is not given twice, to count it once."""
        call = self._call(act, [REFUSED_CODE, *self._lock(act)], held, proof=proof, right=False)
        way = "factors/recovery-codes" if act is Act.RECOVER else "mfa"
        self.wrong[act] += 1
        path = f"auth/v1/{way}/verify"
        self.line.send(call, "POST", path, {"code": code}, bearer=held.access)

    def refresh(self, held: Held, allowed: Iterable[str] = ("200",)) -> bool:
        """Whether the session goes on. Many may do it at once: it is one name for one token."""
        text = held.refresh
        call, said = self._trade(text, Act.REFRESH, digest(self.device + text), allowed)
        if call.status == 200:
            held.keep(said)
        return call.status == 200

    def trade(self, text: str) -> Any:
        """A refresh whose answer is only looked at."""
        return self._trade(text, Act.REFRESH, digest(self.device + text), ["200"])[1]

    def steal(self, text: str) -> bool:
        """Somebody else uses a token that was used. Whether that was refused."""
        used = ["refresh_token_already_used", "refresh_token_not_found"]
        return not self._trade(text, Act.STEAL, "", used)[0].is_done

    def read(self, held: Held, allowed: Iterable[str] = ()) -> Call:
        """Data, behind the gate."""
        allowed = allowed or (["200"] if held.level == "aal2" else ["mfa_required"])
        return self._insist(Act.READ, "GET", "rest/v1/notes?select=id", held=held, allowed=allowed)[
            0
        ]

    def user(self, held: Held) -> Call:
        return self._insist(Act.USER, "GET", "auth/v1/user", held=held)[0]

    def sign_out(self, held: Held) -> None:
        """Of this session. If an answer was lost, it may be gone when it is asked for again."""
        path, wish = "auth/v1/logout?scope=local", self.line.ledger.number()
        allowed, goes_on = ["204"], ["200"]
        while True:
            call = self._call(Act.SIGN_OUT, allowed, held, wish=wish)
            self.line.send(call, "POST", path, bearer=held.access)
            if call.is_done:
                return
            if not call.is_told:
                allowed, goes_on = ["204", *NOT_SIGNED_IN], ["200", *ENDED]
                self._wait(call)
            elif not self.refresh(held, goes_on):
                return

    # --- Codes -----------------------------------------------------------------------------------

    def code(self, step: int) -> str:
        return code_for(self.secret, step * PERIOD)

    def wrong_code(self) -> str:
        """Six digits that are no code of about now."""
        now = int(time.time()) // PERIOD
        near = {self.code(now + away) for away in range(-3, 4)}
        return next(
            code
            for code in iter(lambda: f"{self.luck.randrange(10**6):06d}", "")
            if code not in near
        )

    def fresh_step(self) -> int | None:
        """One whose code was not given yet and will be taken for a while."""
        now = time.time() / PERIOD
        steps = [int(now), int(now) + 1]
        if now % 1 < 0.5:
            steps.insert(0, int(now) - 1)
        return next((step for step in steps if step > self.last_step), None)

    # --- How -------------------------------------------------------------------------------------

    def _prove(self, held: Held, call: Call, path: str, code: str) -> bool:
        """If no answer came, a refresh of the same name has it, where the code was accepted."""
        call.key = digest(self.device + held.refresh)
        call.allowed |= set(self._lock(call.act))
        self.wrong[call.act] += 1
        said = self.line.send(call, "POST", path, {"code": code}, bearer=held.access)
        if call.status == 200:
            held.keep(said)
        elif not call.is_told:
            self._wait(call)
            self.refresh(held)
        if held.level != "aal2":
            return False
        self.used.append((call.act, code, call.proof))
        self.wrong[call.act] = 0
        return True

    def _lock(self, act: Act) -> tuple[str, ...]:
        return LOCKED if self.wrong[act] >= BURST else ()

    def _password(
        self, password: str, *, right: bool, allowed: Iterable[str] = ("200",)
    ) -> tuple[Call, Any]:
        body = {"email": self.email, "password": password}
        path = "auth/v1/token?grant_type=password"
        return self._insist(Act.SIGN_IN, "POST", path, body, allowed=allowed, right=right)

    def _trade(self, text: str, act: Act, key: str, allowed: Iterable[str]) -> tuple[Call, Any]:
        path, body = "auth/v1/token?grant_type=refresh_token", {"refresh_token": text}
        token = Token.of(text)
        return self._insist(
            act, "POST", path, body, allowed=allowed, session=token.session, shown=token, key=key
        )

    def _insist(
        self,
        act: Act,
        method: str,
        path: str,
        body: Any = None,
        *,
        held: Held | None = None,
        allowed: Iterable[str] = ("200",),
        **about: Any,
    ) -> tuple[Call, Any]:
        """Until it is told."""
        wish = self.line.ledger.number()
        while True:
            call = self._call(act, allowed, held, wish=wish, **about)
            bearer = held.access if held else ""
            said = self.line.send(call, method, path, body, bearer=bearer)
            if call.is_told:
                return call, said
            self._wait(call)

    def _call(
        self, act: Act, allowed: Iterable[str], held: Held | None = None, **about: Any
    ) -> Call:
        number = self.line.ledger.number()
        if held is not None:
            about |= {"session": held.token.session, "level": held.level}
        about.setdefault("wish", number)
        name = f"chaos/{self.name}/{number}"
        return Call(name, self.name, act, frozenset(allowed), **about)

    def _wait(self, call: Call) -> None:
        self.line.wait(call)
        if self.enough.is_set() and time.monotonic() > self.patience:
            raise Stopped(f"{self.name} had no answer for a long time: {call}")

    patience = float("inf")
    """When, after the run, this person no longer waits."""


def _held(call: Call, said: Any) -> Held:
    if not call.is_done:
        raise Stopped(f"Not signed in: {call}")
    return Held(said["access_token"], said["refresh_token"])
