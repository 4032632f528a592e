"""An operator at a browser, without the browser: a client that minds CSRF and can read codes."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.conf import settings
from django.test import Client

from tests.support.totp import code_for

PASSWORD = "correct horse battery staple"

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
KEY = re.compile(r'data-text="([A-Z2-7]+)"')
INLINE = re.compile(r"</?(?:bdi|time|strong|code)\b[^>]*>")
TAGS = re.compile(r"<[^>]+>")


def text(response: Any) -> str:
    """A page's words, on one line."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(TAGS.sub(" ", INLINE.sub("", body))).split())


class _Dangers(HTMLParser):
    """What a browser would run, or be sent to, besides our own script files."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag in ("iframe", "object", "embed", "base", "style"):
            self.found.append(tag)
        if tag == "script" and not named.get("src", "").startswith("/static/"):
            self.found.append("script")
        for name, value in named.items():
            scheme = value.strip().lower().partition(":")[0]
            if name.startswith("on") or name == "style":
                self.found.append(name)
            if name in ("href", "src", "action") and scheme in ("javascript", "vbscript"):
                self.found.append(f"{name}={value}")


def dangers(response: Any) -> list[str]:
    """What in this page a browser would run that is not a script file of ours."""
    parser = _Dangers()
    parser.feed(response.content.decode())
    return parser.found


class Operator:
    """Somebody with an address, a password and an authenticator app."""

    def __init__(self, email: str, password: str = PASSWORD) -> None:
        self.email, self.password = email, password
        self.client = Client(enforce_csrf_checks=True)
        self.key = ""
        self.last_step = 0

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(
        self,
        path: str,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a form with a good CSRF token, as the page before it held."""
        if settings.CSRF_COOKIE_NAME not in self.client.cookies:
            self.client.get("/backends/sign-in")
        token = self.client.cookies[settings.CSRF_COOKIE_NAME].value
        return self.client.post(
            path, {"csrfmiddlewaretoken": token, **(data or {})}, headers=dict(headers or {})
        )

    def give_password(self, **more: str) -> Any:
        return self.post(
            "/backends/sign-in", {"email": self.email, "password": self.password, **more}
        )

    def code(self) -> str:
        """A code this authenticator has not shown before. Needs a fresh one? Move the clock."""
        step = max(int(time.time()) // 30 - 1, self.last_step + 1)
        self.last_step = step
        return code_for(self.key, step * 30)

    def set_up(self) -> Any:
        found = KEY.search(self.get("/backends/set-up").content.decode())
        assert found, "there is no key on the page"
        self.key = found[1]
        return self.post("/backends/set-up", {"code": self.code()})

    def verify(self, return_to: str = "") -> Any:
        return self.post("/backends/verify", {"code": self.code(), "return_to": return_to})

    def sign_in(self) -> Operator:
        """All the way in."""
        self.give_password()
        response = self.verify() if self.key else self.set_up()
        assert response.status_code == 303, text(response)
        return self
