"""The way from an app to our pages and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from lingauth.core.pkce import new_verifier, s256
from lingauth.models import Backend
from tests.lingauth.pages.people import Answer, text_of
from tests.support.app import App

PLACE = "https://app.example.com/notes?tab=own"
GONE = "This step is over"


@dataclass
class Journey:
    """One way from the app to the pages and back, in a browser without JavaScript."""

    app: App
    place: str = PLACE
    browser: Client = field(default_factory=Client)
    verifier: str = field(default_factory=new_verifier)
    here: str = ""

    def set_out(self, **body: Any) -> Any:
        return self.app.auth("POST", "mfa/step-up", self.body(**body))

    def body(self, **body: Any) -> dict[str, Any]:
        asked = {
            "redirect_to": self.place,
            "code_challenge": s256(self.verifier),
            "code_challenge_method": "s256",
        }
        return asked | body

    def begin(self) -> Answer:
        """As far as the page that asks for something."""
        answer = self.set_out()
        assert answer.status_code == 200, answer.content
        return self.follow(self.browser.get(local(answer.json()["url"])))

    def follow(self, answer: Answer) -> Answer:
        """Go where one is sent, until a page is shown or the way leads off the site."""
        while answer.status_code == 303 and answer["Location"].startswith("/"):
            self.here = answer["Location"]
            answer = self.browser.get(self.here)
        return answer

    @property
    def return_to(self) -> str:
        return parse_qs(urlsplit(self.here).query)["return_to"][0]

    def send(self, code: str) -> Answer:
        data = {"code": code, "return_to": self.return_to}
        return self.follow(self.browser.post(self.here, data))

    def exchange(self, answer: Answer, **body: str) -> Any:
        """What the app does with the address that it is started at."""
        assert answer.status_code == 303, text_of(answer)
        sent = {"auth_code": told(answer)["code"], "code_verifier": self.verifier} | body
        return self.app.auth("POST", "token?grant_type=pkce", sent, anonymous=True)


def local(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def told(answer: Answer) -> dict[str, str]:
    """The query that the app gets."""
    return {k: v[0] for k, v in parse_qs(urlsplit(answer["Location"]).query).items()}


def sid(app: App) -> str:
    """The id of the app's own session."""
    rows = app.auth("GET", "sessions").json()["sessions"]
    return next(str(row["id"]) for row in rows if row["current"])


def require_mfa() -> None:
    Backend.objects.update(mfa_mode="required")
