"""An OpenID provider, and a GitHub, for tests: a real HTTP server of this process, with faults."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from lingauth.core import clock

CLIENT_ID, SECRET = "client-1", "the-secret-of-client-1"


@dataclass
class Person:
    """Who is signed in at the provider."""

    sub: str = "subject-1"
    email: str | None = "ada@example.com"
    verified: Any = True
    name: str = "Ada"


@dataclass
class OpenId:
    """The provider. ``claims`` and ``header`` change what it says in an ID token, ``answers`` what
    it answers at a path; ``asked`` are the paths that were asked for."""

    base: str = ""
    person: Person = field(default_factory=Person)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1"}))
    signer: ECKey | None = None
    unsigned: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=lambda: ["client_secret_post"])

    def consent(self, url: str, **changes: str) -> dict[str, str]:
        """What the browser brings back after it was sent to ``url`` and the person agreed."""
        sent = dict(parse_qsl(urlsplit(url).query))
        assert url.startswith(self.base)
        assert sent["client_id"] == CLIENT_ID
        assert sent["response_type"] == "code"
        assert sent["code_challenge_method"] == "S256"
        code = token_urlsafe(16)
        self.codes[code] = sent
        return {"code": code, "state": sent["state"], **changes}

    def id_token(self, **changes: Any) -> str:
        """An ID token about the person, as a native app would get it."""
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.base,
            "aud": CLIENT_ID,
            "sub": self.person.sub,
            "iat": now,
            "exp": now + 300,
            "name": self.person.name,
            **({"email": self.person.email} if self.person.email else {}),
            **({"email_verified": self.person.verified} if self.person.email else {}),
            **changes,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.unsigned:
            parts = ({"alg": "none", "typ": "JWT"}, claims)
            return ".".join([*(_b64(json.dumps(part).encode()) for part in parts), ""])
        signer = self.signer or self.key
        return jwt.encode({"alg": "ES256", "kid": "k1", **self.header}, claims, signer)

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The token endpoint: the code works once, with its verifier and address."""
        begun = self.codes.pop(form.get("code", ""), None)
        challenge = _b64(sha256(form.get("code_verifier", "").encode()).digest())
        if (
            begun is None
            or challenge != begun["code_challenge"]
            or form.get("redirect_uri") != begun["redirect_uri"]
            or (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, SECRET)
        ):
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": "at-1", "refresh_token": "rt-1", "token_type": "Bearer"}
        if "nonce" in begun:
            answer["id_token"] = self.id_token(nonce=begun["nonce"])
        return 200, answer

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/jwks",
            "token_endpoint_auth_methods_supported": self.methods,
            **self.more,
        }

    def emails(self) -> list[dict[str, Any]]:
        """As GitHub tells them: the primary one is not the first."""
        person = self.person
        rows = [{"email": "1+ada@users.noreply.github.com", "verified": True, "primary": False}]
        if person.email:
            rows.append({"email": person.email, "verified": person.verified, "primary": True})
        return rows


class _Handler(BaseHTTPRequestHandler):
    provider: OpenId
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def _do(self) -> None:
        provider, parts = self.provider, urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        provider.asked.append(parts.path)
        if parts.path in provider.answers:
            provider.answers[parts.path](self)
            return
        match parts.path:
            case "/.well-known/openid-configuration":
                send(self, provider.configuration())
            case "/jwks":
                send(self, {"keys": [provider.key.as_dict(private=False)]})
            case "/token" | "/login/oauth/access_token":
                status, value = provider.token(form)
                send(self, value, status)
            case "/authorize" | "/login/oauth/authorize":
                self._back(parts.query)
            case "/api/v3/user":
                send(self, {"id": 4711, "login": "ada", "name": provider.person.name})
            case "/api/v3/user/emails":
                send(self, provider.emails())
            case _:
                send(self, {}, 404)

    def _back(self, query: str) -> None:
        """For a browser: the person agrees at once."""
        given = self.provider.consent(f"{self.provider.base}/authorize?{query}")
        there = dict(parse_qsl(query))["redirect_uri"]
        self.send_response(302)
        self.send_header("Location", f"{there}?{urlencode(given)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Quiet."""


def send(handler: BaseHTTPRequestHandler, value: Any, status: int = 200) -> None:
    body = json.dumps(value).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def huge(handler: BaseHTTPRequestHandler) -> None:
    send(handler, {"padding": "x" * 600_000})


def redirecting(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://127.0.0.1:9/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A byte at a time, each well within any timeout of a single read."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(40):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.05)


def not_json(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "6")
    handler.end_headers()
    handler.wfile.write(b"<html>")


@contextmanager
def running(provider: OpenId | None = None) -> Iterator[OpenId]:
    """A provider on a free port."""
    provider = provider or OpenId()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    provider.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
