"""Calls that build on each other: somebody signs up, sets up a second step, and goes on as chance
has it, with old tokens and spent codes among it. Nothing of a story is undone before its end."""

from __future__ import annotations

import json
from random import Random
from typing import Any
from uuid import UUID

from lingauth.core import clock
from reliability.fuzz.isolation import undone
from reliability.fuzz.sent import Answer, of_case
from reliability.fuzz.spiking import spiked
from reliability.fuzz.watching import Watch
from tests.invariants.canary import Secrets
from tests.support.totp import code_for

STEPS = 14
"""Calls of a story, after its first one."""
_AUTH = "/auth/v1/"
_CODES = f"{_AUTH}factors/recovery-codes"


class Teller:
    """Tells stories to one watch."""

    def __init__(self, watch: Watch, schema: Any) -> None:
        self.watch, self.schema = watch, schema

    def tell(self, dice: Random) -> None:
        with undone():
            story = Story(self, dice)
            story.sign_up()
            for _ in range(STEPS):
                dice.choice(story.steps)()


class Story:
    """One person's. ``known`` is what they hold: every token and code that they were ever given."""

    def __init__(self, teller: Teller, dice: Random) -> None:
        self.teller, self.dice = teller, dice
        self.fresh = Secrets()
        self.email = f"{UUID(int=dice.getrandbits(128), version=4).hex}@example.com"
        self.password = f"canary of a story {dice.getrandbits(64):x}"
        self.known: list[str] = [self.password]
        self.access, self.refresh, self.seed, self.factor = "", "", "", ""
        self.codes: list[str] = []
        self.steps = (
            self.enrol,
            self.verify,
            self.verify,
            self.make_codes,
            self.use_code,
            self.trade,
            self.trade,
            self.replay,
            self.sign_in,
            self.leave,
            self.remove,
            self.look,
            self.write,
            self.change,
        )

    def sign_up(self) -> None:
        body = {"email": self.email, "password": self.password}
        self._keep(self._call("signUp", "POST", f"{_AUTH}signup", body))

    def sign_in(self) -> None:
        body = {"email": self.email, "password": self.password}
        query = {"grant_type": "password"}
        self._keep(self._call("getToken", "POST", f"{_AUTH}token", body, query=query))

    def trade(self) -> None:
        self._trade(self.refresh)

    def replay(self) -> None:
        """With any token there ever was, or what is none."""
        self._trade(self.dice.choice(self.known))

    def _trade(self, token: str) -> None:
        query, body = {"grant_type": "refresh_token"}, {"refresh_token": token}
        key = {"Idempotency-Key": f'"canary {self.dice.getrandbits(64):x}"'}
        headers = key if self.dice.random() < 0.5 else {}
        self._keep(
            self._call("getToken", "POST", f"{_AUTH}token", body, query=query, headers=headers)
        )

    def enrol(self) -> None:
        body = {"factor_type": "totp", "friendly_name": self.dice.choice(("Phone", "", "Tablet"))}
        if made := self._done(self._call("enrollFactor", "POST", f"{_AUTH}factors", body)):
            self.seed, self.factor = made["totp"]["secret"], made["id"]
            self.known.append(self.seed)

    def verify(self) -> None:
        at = clock.now().timestamp() + 30 * self.dice.choice((-1, 0, 0, 1, 9))
        code = code_for(self.seed, at) if self.seed else "000000"
        self._keep(self._call("verifyMfa", "POST", f"{_AUTH}mfa/verify", {"code": code}))

    def make_codes(self) -> None:
        again = self.dice.random() < 0.5
        name = "regenerateRecoveryCodes" if again else "generateRecoveryCodes"
        path = f"{_CODES}/regenerate" if again else _CODES
        if made := self._done(self._call(name, "POST", path)):
            self.codes = made["codes"]
            self.known += self.codes

    def use_code(self) -> None:
        code = self.dice.choice(self.codes or ["0123456789abcdef"])
        self._keep(self._call("verifyRecoveryCode", "POST", f"{_CODES}/verify", {"code": code}))

    def leave(self) -> None:
        scope = {"scope": self.dice.choice(("local", "others", "global"))}
        self._call("signOut", "POST", f"{_AUTH}logout", query=scope)

    def remove(self) -> None:
        if self.factor:
            path = {"factor_id": self.factor}
            self._call("unenrollFactor", "DELETE", f"{_AUTH}factors/{{factor_id}}", path=path)

    def look(self) -> None:
        name, path = self.dice.choice(
            (
                ("getUser", f"{_AUTH}user"),
                ("listSessions", f"{_AUTH}sessions"),
                ("list_notes", "/rest/v1/notes"),
                ("recoveryStatus", _CODES),
            )
        )
        self._call(name, "GET", path)

    def write(self) -> None:
        self._call("insert_notes", "POST", "/rest/v1/notes", {"title": "Of a story"})

    def change(self) -> None:
        new = f"canary of a change {self.dice.getrandbits(64):x}"
        body = {"password": new, "current_password": self.password}
        if self._done(self._call("updateUser", "PUT", f"{_AUTH}user", body)):
            self.password = new
            self.known.append(new)

    def _call(
        self,
        name: str,
        method: str,
        template: str,
        body: dict[str, Any] | None = None,
        *,
        query: dict[str, str] | None = None,
        path: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        given: dict[str, Any] = {"query": query or {}, "path_parameters": path or {}}
        if body is not None:
            given |= {"body": body, "media_type": "application/json"}
        case = self.teller.schema[template][method].Case(method=method, **given)
        sent_headers = {"apikey": self.teller.watch.here.made.anon_key, **(headers or {})}
        if self.access:
            sent_headers["Authorization"] = f"Bearer {self.access}"
        sent, held_to = of_case(case, sent_headers), case
        if self.dice.random() < 0.1:
            sent, held_to = spiked(sent, self.known, self.dice), None
        return self.teller.watch.one(name, "story", sent, held_to, self.fresh)

    def _done(self, answer: Answer) -> dict[str, Any]:
        """What was answered; nothing for a refusal."""
        done = answer.status == 200 and answer.body[:1] == b"{"
        value: dict[str, Any] = json.loads(answer.body) if done else {}
        return value

    def _keep(self, answer: Answer) -> None:
        session = self._done(answer)
        if "access_token" in session:
            self.access, self.refresh = session["access_token"], session["refresh_token"]
            self.known += [self.access, self.refresh]
