"""Requests made in this process: the WSGI application, called as an app server calls it.

Django's test client does more around a call than the product does in it.
"""

from __future__ import annotations

import json
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import unquote

_COUNTER = slice(17, 25)
"""In a refresh token, after its version and the id of the session."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass(frozen=True)
class Sent:
    """A request to a backend. ``token`` is a session's, ``named`` its idempotency key."""

    method: str
    path: str
    body: Any = None
    token: str | None = None
    named: str | None = None


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    content: bytes = b""

    @cached_property
    def body(self) -> Any:
        """The JSON in it; nothing, if there is none."""
        try:
            return json.loads(self.content or b"{}")
        except ValueError:
            return {}

    def says(self, name: str) -> Any:
        """A member of the body, or what it comes to: ``code``, the claims of the access token, the
        counter in the refresh token, the rows of the data API by id."""
        if name == "content":
            return self.content
        if name == "ids":
            return {row["id"] for row in self.body} if isinstance(self.body, list) else None
        if name == "open":
            return len(self.body["sessions"])
        if name == "next":
            return (self.body.get("details") or {}).get("next")
        if name in ("aal", "session_id"):
            return self._claims.get(name)
        if name == "generation":
            return int.from_bytes(_bytes(self.body["refresh_token"])[_COUNTER])
        return self.body.get(name) if isinstance(self.body, dict) else None

    @cached_property
    def _claims(self) -> dict[str, Any]:
        claims: dict[str, Any] = json.loads(_bytes(self.body["access_token"].split(".")[1]))
        return claims

    def __str__(self) -> str:
        return f"{self.status} {self.content[:400].decode(errors='replace')}"


@dataclass
class Wire:
    """Calls the application for one backend after the other."""

    application: Application
    keys: dict[str, str] = field(default_factory=dict)
    """The anon key of each backend."""

    def call(self, ref: str, sent: Sent, *, key: str | None = None) -> Told:
        """One request with the backend's anon key, or with another ``key``."""
        body = b"" if sent.body is None else json.dumps(sent.body).encode()
        path, _, query = sent.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": sent.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(f"/b/{ref}/{path}", "latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "REMOTE_ADDR": "192.0.2.7",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_APIKEY": key or self.keys[ref],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if sent.token is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {sent.token}"
        if sent.named is not None:
            environ["HTTP_IDEMPOTENCY_KEY"] = f'"{sent.named}"'
        status: list[str] = []
        result = self.application(environ, lambda line, *_: status.append(line))
        try:
            content = b"".join(result)
        finally:
            result.close()
        return Told(int(status[0][:3]), content)


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
