"""The API of a running server, for many threads at once."""

from __future__ import annotations

from typing import Any, cast

import httpx
from django.test import Client

from tests.support.app import App
from tests.support.people import Person


class Wire:
    """What ``App`` needs of Django's test client, over real HTTP. One connection per request in
    flight, so that the system spreads them over the server's processes."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        self.http = httpx.Client(base_url=url, limits=limits, timeout=20)

    def generic(
        self, method: str, path: str, data: str, content_type: str, headers: dict[str, str]
    ) -> httpx.Response:
        sent = {"content-type": content_type, **headers} if data else headers
        return self.http.request(method, path, content=data, headers=sent)


def app_of(wire: Wire, anon_key: str, person: Person, **session: Any) -> App:
    """An app with the person's newest pair of tokens (or others)."""
    tokens = {
        "access_token": person.grant.access_token,
        "refresh_token": person.grant.refresh_token,
    }
    return App(person.ref, anon_key, http=cast(Client, wire), session=tokens | session)
