"""One request as it is on the wire, and what came back. Between the two is the whole project,
called as an app server calls it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from traceback import print_exc
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from django.core.handlers.wsgi import WSGIHandler
from schemathesis import Case
from werkzeug.test import EnvironBuilder

HOST = "testserver"
_NOISE = frozenset(
    "host content-length x-schemathesis-testcaseid connection accept-encoding user-agent".split()
)
"""What a client sends by itself, and nobody looks at."""


@dataclass(frozen=True)
class Sent:
    """A request: ``target`` is path and query as they are sent, escapes and all."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The value of a header, if it is sent."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    def with_header(self, name: str, value: str) -> Sent:
        """The same with this header in the place of any of its name."""
        others = tuple((k, v) for k, v in self.headers if k.lower() != name.lower())
        return Sent(self.method, self.target, (*others, (name, value)), self.body)

    def text(self) -> bytes:
        """All of it, also with the address unescaped: where to look for what was sent."""
        spaced = unquote_to_bytes(self.target.replace("+", " "))
        head = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return b"\n".join(
            (self.target.encode(), unquote_to_bytes(self.target), spaced, head.encode(), self.body)
        )

    def curl(self) -> str:
        """A line for a shell that sends the same."""
        words = ["curl", "-i", "--path-as-is", "-X", self.method]
        for name, value in self.headers:
            words += ["-H", f"{name}: {value}"]
        line = " ".join(map(shlex.quote, words))
        if self.body:
            line += f" --data-binary {_ansi_c(self.body)}"
        return f"{line} {shlex.quote('http://' + HOST + self.target)}"

    def environ(self) -> dict[str, Any]:
        """What an app server hands to the project."""
        path, _, query = self.target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": HOST,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.7",
            "HTTP_HOST": HOST,
            "CONTENT_LENGTH": str(len(self.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(self.body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        seen: dict[str, str] = {}
        for name, value in self.headers:
            key = name.upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            seen[key] = f"{seen[key]},{value}" if key in seen else value
        return environ | seen


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


def of_case(case: Case[Any], headers: dict[str, str]) -> Sent:
    """The request that a made-up case is, with a caller's headers."""
    made = EnvironBuilder(**case.as_transport_kwargs(headers=headers))
    environ = made.get_environ()
    target = quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=~")
    if environ["QUERY_STRING"]:
        target += "?" + environ["QUERY_STRING"]
    body = environ["wsgi.input"].read()
    sent = [(k, v) for k, v in made.headers.items() if k.lower() not in _NOISE]
    kind = environ.get("CONTENT_TYPE")
    if kind and all(name.lower() != "content-type" for name, _ in sent):
        sent.append(("Content-Type", kind))
    return Sent(str(case.method), target, tuple(sent), body)


_Write = Callable[[bytes], object]


def call(site: WSGIHandler, sent: Sent) -> Answer:
    """Send it to the project, in this process. An exception that comes back is a 500, as an app
    server makes it one; it is printed.
    """
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], *error: object) -> _Write:
        told[:] = status, headers
        return lambda written: None

    try:
        answer = site(sent.environ(), start)
    except Exception:
        print_exc()
        return Answer(500, (), b"")
    try:
        body = b"".join(answer)
    finally:
        answer.close()
    return Answer(int(told[0].split()[0]), tuple(told[1]), body)


def _ansi_c(raw: bytes) -> str:
    plain = raw.decode("ascii", "replace")
    if plain.isprintable() and plain.isascii():
        return shlex.quote(plain)
    escaped = "".join(chr(b) if 32 <= b < 127 and b not in (39, 92) else f"\\x{b:02x}" for b in raw)
    return f"$'{escaped}'"
