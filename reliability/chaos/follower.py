"""Somebody whose phone goes wrong with the site's clocks: their codes of other times are right."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx

from reliability.chaos.node import Tenant
from tests.support.app import PASSWORD
from tests.support.totp import code_for

PERIOD = 30
TRIES = 20
REFUSED = ("mfa_verification_failed", "over_request_rate_limit")


class Follower:
    """An account with a factor. It is nobody of the ledger's: what it is told, it judges itself.

    ``accepted``: by how many seconds clocks were off when a code was taken, and that code.
    """

    def __init__(self, http: httpx.Client, tenant: Tenant) -> None:
        self.http, self.tenant = http, tenant
        self.accepted: dict[int, str] = {}
        body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        self.session = self._told("signup", body, bearer=False)
        made = self._told("factors", {"factor_type": "totp", "friendly_name": "phone"})
        self.secret = made["totp"]["secret"]
        self.newest = int(time.time()) // PERIOD - 1
        self.session = self._told("mfa/verify", {"code": self._code(self.newest)})

    def gives_code(self, ahead: int) -> None:
        """The one of a phone that is as far ahead: it is taken if it is newer than all before, and
        then no more."""
        step = int(time.time() + ahead) // PERIOD
        code, is_new = self._code(step), step > self.newest
        assert self._is_taken(code) == is_new, f"{ahead:+} s: a code was {_judged(not is_new)}."
        if is_new:
            self.newest, self.accepted[ahead] = step, code
            self.repeats_code(ahead)

    def repeats_code(self, ahead: int) -> None:
        """One that was taken when clocks were off by that much."""
        assert not self._is_taken(self.accepted[ahead]), f"{ahead:+} s: a code was accepted twice."

    def _is_taken(self, code: str) -> bool:
        """By a token of the clock there is; its own may be of another time."""
        body = {"refresh_token": self.session["refresh_token"]}
        self.session = self._told("token?grant_type=refresh_token", body, bearer=False)
        answer = self._ask("mfa/verify", {"code": code}, bearer=True)
        if answer.status_code == 200:
            self.session = answer.json()
        else:
            assert answer.json()["code"] in REFUSED, answer.text
        return answer.status_code == 200

    def _told(self, path: str, body: dict[str, str], *, bearer: bool = True) -> Any:
        answer = self._ask(path, body, bearer)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _ask(self, path: str, body: dict[str, str], bearer: bool) -> httpx.Response:
        """Whoever is told to come again does so; of a fault before this one."""
        headers = {"apikey": self.tenant.anon_key}
        if bearer:
            headers["Authorization"] = f"Bearer {self.session['access_token']}"
        address = f"/b/{self.tenant.ref}/auth/v1/{path}"
        for _ in range(TRIES):
            answer = self.http.post(address, json=body, headers=headers)
            if answer.status_code != 503:
                break
            time.sleep(0.5)
        return answer

    def _code(self, step: int) -> str:
        return code_for(self.secret, step * PERIOD)


def _judged(taken: bool) -> str:
    return "accepted" if taken else "refused"
