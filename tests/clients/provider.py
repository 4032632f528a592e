"""A sign-in provider at which anybody is whoever the app hints they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.openid import OpenId, Person, running, send


class Obliging(OpenId):
    """``login_hint`` is the person's address, and the part before the @ their subject.
    ``/id-token?email=…&nonce=…`` gives what a phone's own sign-in dialog would."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        self.answers["/id-token"] = self._id_token

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        hint = self.codes.get(form.get("code", ""), {}).get("login_hint", "nobody@example.com")
        with self._lock:
            self.person = _called(hint)
            return super().token(form)

    def _id_token(self, handler: BaseHTTPRequestHandler) -> None:
        asked = dict(parse_qsl(urlsplit(handler.path).query))
        with self._lock:
            self.person = _called(asked["email"])
            send(handler, {"id_token": self.id_token(nonce=asked["nonce"])})


def _called(email: str) -> Person:
    return Person(sub=email.partition("@")[0], email=email)


@contextmanager
def obliging() -> Iterator[Obliging]:
    provider = Obliging()
    with running(provider):
        yield provider
