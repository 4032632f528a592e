"""A person at a browser without JavaScript: follows links, fills in forms, reads what is there."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from django.test import Client
from time_machine import Traveller

from lingauth.core.clock import now
from lingauth.models import Backend, Session
from tests.support.totp import code_for

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

Answer: TypeAlias = "_MonkeyPatchedWSGIResponse"
"""What the test client answers with."""

PASSWORD = "a fine long phrase"


class Person:
    """Somebody with an account, or about to have one. ``csrf`` makes the client check tokens."""

    def __init__(
        self,
        backend: Backend,
        clock: Traveller,
        email: str = "ana@example.com",
        *,
        csrf: bool = False,
    ) -> None:
        self.backend = backend
        self.clock = clock
        self.email = email
        self.client = Client(enforce_csrf_checks=csrf, HTTP_USER_AGENT=CHROME)
        self.secret = ""
        self.codes: list[str] = []

    def address(self, path: str) -> str:
        return path if path.startswith("/") else f"/b/{self.backend.ref}/{path}"

    def get(self, path: str, **query: str) -> Answer:
        return self.client.get(self.address(path), query)

    def post(self, path: str, **data: Any) -> Answer:
        return self.client.post(self.address(path), data)

    def sign_up(self, **more: str) -> Answer:
        return self.post("sign-up", email=self.email, password=PASSWORD, **more)

    def sign_in(self, password: str = PASSWORD, **more: str) -> Answer:
        return self.post("sign-in", email=self.email, password=password, **more)

    def set_up(self, **more: str) -> Answer:
        """Scan, type the code, and note the recovery codes if any are shown."""
        self.secret = key_on(self.get("mfa/setup"))
        answer = self.post("mfa/setup", code=self.code(), **more)
        assert answer.status_code == 303, text_of(answer)
        if "/mfa/recovery-codes" in answer["Location"]:
            self.codes = codes_on(self.get(answer["Location"]))
        return answer

    def finish(self, **more: str) -> Answer:
        return self.post("mfa/recovery-codes", finish="1", saved="on", **more)

    def code(self) -> str:
        """What the app shows now."""
        return code_for(self.secret)

    def verify(self, **more: str) -> Answer:
        """Wait for a code that was not used yet, and give it."""
        self.clock.shift(30)
        return self.post("mfa/verify", code=self.code(), **more)

    @staticmethod
    def clock_now() -> datetime:
        return now()

    def wait(self, seconds: float) -> None:
        self.clock.shift(seconds)

    @property
    def sessions(self) -> list[Session]:
        """The open ones, oldest first."""
        mine = Session.objects.filter(account__email_key=self.email, ended_at=None)
        return list(mine.order_by("created_at"))

    @property
    def cookie(self) -> str:
        return self.client.cookies[f"lingauth-{self.backend.ref}"].value


CHROME = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


def found(pattern: str, text: str) -> str:
    """What the pattern's first group, or else the whole of it, matches in the text."""
    match = re.search(pattern, text, re.S)
    assert match, f"{pattern} is not in {text[:2000]}"
    return match[1] if match.re.groups else match[0]


def text_of(answer: Answer) -> str:
    """What a person reads: no tags, entities resolved, one space between words."""
    body = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(html.unescape(body).split())


def key_on(answer: Answer) -> str:
    """The key of a set-up page, as somebody types it off."""
    found = re.search(r'<code class="secret".*?>(.*?)</code>', answer.content.decode(), re.S)
    assert found, text_of(answer)
    return re.sub(r"<[^>]+>|\s", "", found[1])


def codes_on(answer: Answer) -> list[str]:
    """The recovery codes that are shown."""
    return re.findall(r"<li><code>([0-9A-Z-]{19})</code>", answer.content.decode())


def alert_of(answer: Answer) -> str:
    """The banner that says what is wrong."""
    found = re.search(r'role="alert"[^>]*>(.*?)</(?:div|p)>', answer.content.decode(), re.S)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def error_of(answer: Answer, field: str) -> str:
    """The sentence that is tied to a field by ``aria-describedby``."""
    body = answer.content.decode()
    found = re.search(rf'id="id_{field}_error">(.*?)</p>', body, re.S)
    if not found:
        return ""
    assert re.search(rf'aria-describedby="[^"]*id_{field}_error', body), "not tied to its field"
    said = html.unescape(re.sub(r"<[^>]+>", "", found[1]))
    return " ".join(said.split()).removeprefix("Error: ")
