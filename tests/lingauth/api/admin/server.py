"""A server of the app's developer: the admin API over HTTP, with the service key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from lingauth.services.backends import NewBackend


@dataclass
class Server:
    """Calls one backend as the published clients do: the key as ``apikey`` and as bearer."""

    ref: str
    key: str
    http: Client = field(default_factory=Client)

    @classmethod
    def of(cls, made: NewBackend) -> Server:
        return cls(made.backend.ref, made.service_key)

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> Any:
        """One call, with other ``headers`` instead of the key if any are given."""
        own = {"apikey": self.key, "authorization": f"Bearer {self.key}"}
        return self.http.generic(
            method,
            f"/b/{self.ref}/auth/v1/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers=own if headers is None else headers,
        )

    def create(self, email: str = "ann@example.com", **members: Any) -> dict[str, Any]:
        """Make an account that is confirmed, unless told otherwise. The answer's body."""
        body = {"email": email, "email_confirm": True, **members}
        answer = self.call("POST", "admin/users", body)
        assert answer.status_code == 200, answer.content
        made: dict[str, Any] = answer.json()
        return made

    def get(self, user_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"admin/users/{user_id}")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def update(self, user_id: str, **members: Any) -> dict[str, Any]:
        """Change an account. The answer's body."""
        answer = self.call("PUT", f"admin/users/{user_id}", members)
        assert answer.status_code == 200, answer.content
        changed: dict[str, Any] = answer.json()
        return changed
