"""A backend with people at every level, and its data API over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from lingauth.core import clock
from lingauth.models import Account, Session
from lingauth.services import access, accounts, backends, factors, policy, signin, verification
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.grants import Grant
from project.demo.models import Note
from tests.support.totp import code_for

PASSWORD = "correct horse battery staple"
CLIENT = ClientInfo(ip="192.0.2.1")
_SENDER = Client(raise_request_exception=False)
"""One for all: it keeps no cookies, since the data API sets none, and loads middleware once."""

MODES = ("optional", "observe", "required")

Headers = Mapping[str, str]
Answer = tuple[int, list[tuple[str, str]], bytes]


@dataclass(frozen=True)
class Person:
    """An account, a session below ``aal2``, and one at ``aal2`` if the account has a factor."""

    account: Account
    aal1: str
    aal2: str = ""


class Site:
    """One backend. ``call`` speaks to ``rest/v1``; ``as_*`` make the headers of a caller."""

    def __init__(self, ref: str = "acme") -> None:
        made = backends.create_backend(
            ref=ref, name=ref.title(), auto_confirm=True, actor=Actor.system("tests")
        )
        self.backend = made.backend
        self.anon_key = made.anon_key
        self.service_key = made.service_key

    def person(self, name: str) -> Person:
        """Somebody with a password alone."""
        grant = self._sign_up(name)
        return Person(grant.session.account, grant.access_token)

    def proven(self, name: str) -> Person:
        """Somebody with a verified factor, signed in twice."""
        first = self._sign_up(name)
        me = access.read(ref=self.backend.ref, session_id=first.session.pk).signed_in()
        begun = factors.enroll(me=me, client=CLIENT)
        raised = verification.verify_any(me=me, code=code_for(begun.secret), client=CLIENT)
        again = signin.with_password(
            read=lambda key: access.read(ref=self.backend.ref, email_key=key),
            email=f"{name}@example.com",
            password=PASSWORD,
            client=CLIENT,
        )
        return Person(first.session.account, again.access_token, raised.access_token)

    def revoked(self, name: str) -> str:
        """An access token in its time, of a session that was ended."""
        grant = self._sign_up(name)
        Session.objects.filter(pk=grant.session.pk).update(ended_at=clock.now())
        return grant.access_token

    def switch(self, mode: str) -> None:
        policy.change(
            backend_id=self.backend.pk, changes={"mfa_mode": mode}, actor=Actor.system("tests")
        )

    def note(self, who: Person, title: str, *, public: bool = False) -> Note:
        return Note.objects.create(
            backend=self.backend, owner=who.account, title=title, is_public=public
        )

    def as_anon(self) -> dict[str, str]:
        return {"apikey": self.anon_key}

    def as_service(self) -> dict[str, str]:
        return {"apikey": self.service_key}

    def as_user(self, token: str) -> dict[str, str]:
        return {"apikey": self.anon_key, "Authorization": f"Bearer {token}"}

    def url(self, path: str = "notes") -> str:
        return f"/b/{self.backend.ref}/rest/v1/{path}"

    def call(
        self,
        method: str,
        path: str = "notes",
        *,
        headers: Headers,
        body: object = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
    ) -> HttpResponse:
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return _SENDER.generic(  # type: ignore[return-value]  # an HttpResponse with more on it
            method, self.url(path), data=data, content_type=content_type, headers=dict(headers)
        )

    def _sign_up(self, name: str) -> Grant:
        made = accounts.sign_up(
            backend=self.backend, email=f"{name}@example.com", password=PASSWORD, client=CLIENT
        )
        assert isinstance(made, Grant)
        return made


def bytes_of(response: HttpResponse) -> Answer:
    """All that a caller gets. The request's own id is left out."""
    kept = [(k, v) for k, v in response.items() if k.lower() not in ("x-request-id", "date")]
    return response.status_code, sorted(kept), response.content


def json_of(response: HttpResponse) -> Any:
    return json.loads(response.content)
