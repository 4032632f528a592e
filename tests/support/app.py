"""An app of one backend, as its developer would write it: the API over HTTP and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from django.test import Client

from tests.support.totp import code_for

PASSWORD = "correct horse battery"


class Answer(Protocol):
    """What both Django's test client and httpx answer with."""

    status_code: int
    content: bytes

    def json(self) -> Any: ...


@dataclass
class App:
    """Calls one backend. ``session`` is the latest token answer, as a client would keep it."""

    ref: str
    anon_key: str
    http: Client = field(default_factory=Client)
    session: dict[str, Any] = field(default_factory=dict)
    secret: str = ""
    service_key: str = ""
    """Of the backend's own server, where a test is that as well."""

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        anonymous: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One call with the anon key, and with the session's token unless told otherwise."""
        bearer = token or (None if anonymous else self.session.get("access_token"))
        sent = {"apikey": self.anon_key, **(headers or {})}
        if bearer:
            sent["authorization"] = f"Bearer {bearer}"
        return self.http.generic(
            method,
            f"/b/{self.ref}/{path}",
            "" if body is None else _json(body),
            content_type="application/json",
            headers=sent,
        )

    def auth(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        return self.call(method, f"auth/v1/{path}", body, **options)

    def data(
        self, method: str = "GET", path: str = "notes", body: Any = None, **options: Any
    ) -> Any:
        return self.call(method, f"rest/v1/{path}", body, **options)

    def keep(self, answer: Any) -> Any:
        """Store a session answer. Fails with its body if it is none."""
        assert answer.status_code == 200, answer.content
        self.session = answer.json()
        return answer

    def sign_up(self, email: str | None = None, password: str = PASSWORD) -> Any:
        self.email = email or f"{uuid4().hex}@example.com"
        return self.keep(
            self.auth("POST", "signup", {"email": self.email, "password": password}, anonymous=True)
        )

    def sign_in(self, password: str = PASSWORD) -> Any:
        body = {"email": self.email, "password": password}
        return self.keep(self.auth("POST", "token?grant_type=password", body, anonymous=True))

    def refresh(self, token: str | None = None, key: str | None = None) -> Any:
        """Trade a refresh token. The answer is not kept: tests want to see it first."""
        body = {"refresh_token": token or self.session["refresh_token"]}
        headers = {"Idempotency-Key": f'"{key}"'} if key else {}
        return self.auth(
            "POST", "token?grant_type=refresh_token", body, anonymous=True, headers=headers
        )

    def enroll(self, name: str = "") -> dict[str, Any]:
        answer = self.auth("POST", "factors", {"factor_type": "totp", "friendly_name": name})
        assert answer.status_code == 200, answer.content
        made: dict[str, Any] = answer.json()
        self.secret = made["totp"]["secret"]
        return made

    def challenge_and_verify(self, factor_id: str, code: str) -> Any:
        challenge = self.auth("POST", f"factors/{factor_id}/challenge", {})
        assert challenge.status_code == 200, challenge.content
        body = {"challenge_id": challenge.json()["id"], "code": code}
        return self.auth("POST", f"factors/{factor_id}/verify", body)

    def reach_aal2(self, at: float | None = None) -> dict[str, Any]:
        """Enrol a first factor with the code of the time ``at``. Answers the factor."""
        made = self.enroll()
        self.keep(self.challenge_and_verify(made["id"], code_for(self.secret, at)))
        return made


def _json(value: Any) -> str:
    return json.dumps(value)
