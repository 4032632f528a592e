"""One person's line to the site: it sends, writes down what was told, and tries again."""

from __future__ import annotations

import time
from math import inf
from random import Random
from typing import Any

import httpx

from reliability.chaos.ledger import Call, Ledger, Life, Token
from reliability.chaos.node import Tenant
from reliability.chaos.site import Site

LONGEST_WAIT = 5.0
"""Seconds: what is asked for in ``Retry-After`` is honoured up to here."""


class Line:
    """Calls of one person at one backend. Threads of theirs may share it."""

    def __init__(
        self, site: Site, tenant: Tenant, ledger: Ledger, life: Life, luck: Random, number: int
    ) -> None:
        self.site, self.tenant, self.ledger, self.life, self.luck = site, tenant, ledger, life, luck
        self.http = site.client(number)

    def send(
        self, call: Call, method: str, path: str, body: Any = None, *, bearer: str = ""
    ) -> Any:
        """One try. What was told is in the call, which is in the ledger from its beginning."""
        headers = {"apikey": self.tenant.anon_key, "User-Agent": call.name}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        if call.key:
            headers["Idempotency-Key"] = f'"{call.key}"'
        excuses = frozenset(self.site.excuse)
        call.begun = time.monotonic()
        self.life.calls.append(call)
        try:
            answer = self.http.request(
                method, f"/b/{self.tenant.ref}/{path}", json=body, headers=headers
            )
        except httpx.TransportError as error:
            call.flaw = f"{type(error).__name__}: {error}"
            said = None
        else:
            said = _read(answer, call)
        call.excuses = excuses | self.site.excuse
        call.ended = time.monotonic()
        return said

    def wait(self, call: Call) -> None:
        """As a good client does before it tries again."""
        asked = 0.1 if call.retry_after is None else min(call.retry_after, LONGEST_WAIT)
        time.sleep(asked + self.luck.random() * 0.4)


def _read(answer: httpx.Response, call: Call) -> Any:
    call.request_id = answer.headers.get("X-Request-Id", "")
    said: Any = None
    if answer.content:
        try:
            said = answer.json()
        except ValueError:
            call.flaw = "the body is not JSON"
    told = said if isinstance(said, dict) else {}
    if answer.status_code >= 400:
        call.code = str(told.get("code", ""))
    if answer.status_code == 503:
        _read_unavailable(answer, call)
    elif text := told.get("refresh_token"):
        call.got = Token.of(text)
    call.status = answer.status_code
    return said


def _read_unavailable(answer: httpx.Response, call: Call) -> None:
    """Clients keep what they have and try again: they are told so in two ways."""
    call.retry_after = _seconds(answer.headers.get("Retry-After", ""))
    if not 0 < call.retry_after < inf:
        call.flaw = "a 503 without Retry-After"
    elif call.code != "unavailable":
        call.flaw = f"a 503 with the code {call.code!r}"


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else inf
