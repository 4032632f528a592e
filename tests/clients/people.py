"""Clients of ``supabase-auth`` as apps make them, and the people who use them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from supabase_auth import Session, SyncGoTrueClient
from supabase_auth.errors import AuthApiError

PASSWORD = "correct horse battery"
NEW_PASSWORD = "another horse battery"
APP = "http://app.localhost:3000/welcome"


def address() -> str:
    return f"{uuid4()}@example.com"


@dataclass
class Person:
    """Somebody at a backend, with one device."""

    backend: dict[str, str]
    client: SyncGoTrueClient
    email: str
    calls: list[str]

    @property
    def session(self) -> Session:
        session = self.client.get_session()
        assert session is not None
        return session


def new_person(backend: dict[str, str], email: str | None = None, **options: Any) -> Person:
    """A client without a session, at an address of its own: the server counts by address."""
    calls: list[str] = []
    hooks = {"request": [lambda request: calls.append(_call(request))]}
    http = httpx.Client(event_hooks=hooks, timeout=30)
    client = SyncGoTrueClient(
        url=f"{backend['url']}/auth/v1",
        headers=headers(backend["anon_key"]),
        http_client=http,
        auto_refresh_token=False,
        **options,
    )
    return Person(backend, client, email or address(), calls)


def headers(key: str) -> dict[str, str]:
    """What supabase-py sends, from an address of its own."""
    place = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"
    return {"apikey": key, "Authorization": f"Bearer {key}", "X-Forwarded-For": place}


def signed_up(backend: dict[str, str], **options: Any) -> Person:
    """A new account where addresses need no confirmation."""
    person = new_person(backend, **options)
    person.client.sign_up({"email": person.email, "password": PASSWORD})
    return person


def another_device(person: Person, **options: Any) -> Person:
    other = new_person(person.backend, person.email, **options)
    other.client.sign_in_with_password({"email": person.email, "password": PASSWORD})
    return other


def refused(act: Callable[[], Any], code: str) -> AuthApiError:
    """The call must be refused with that code."""
    with pytest.raises(AuthApiError) as caught:
        act()
    assert caught.value.code == code, caught.value
    return caught.value


def _call(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path.partition('/auth/v1')[2]}"
