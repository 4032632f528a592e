"""Somebody at an app of the SDK's, in one tab of Chromium."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.clients.authenticator import Authenticator
from tests.clients.people import PASSWORD
from tests.support.qr import read_qr
from tests.support.totp import secret_of


class Person:
    """They are at that address of the app, and it has said something."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.email = f"{uuid4()}@example.com"
        page.goto(address)
        expect(self.status).not_to_be_empty()

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    def do(self, call: str, argument: Any = None) -> Any:
        """What a call of the app's client answers; it must not be an error."""
        answer = self.page.evaluate(f"async (given) => await {call}", argument)
        assert not answer.get("error"), answer
        return answer["data"]

    def sign_up(self) -> None:
        self.do("client.auth.signUp(given)", {"email": self.email, "password": PASSWORD})

    def sign_in(self) -> None:
        who = {"email": self.email, "password": PASSWORD}
        self.do("client.auth.signInWithPassword(given)", who)

    def set_up(self) -> Authenticator:
        """A verified factor, without the app's own dialog."""
        phone = Authenticator(self.do("client.auth.enrollMfa()")["secret"])
        self.do("client.auth.verifyMfa({ code: given })", phone.code())
        return phone

    @property
    def session(self) -> dict[str, Any]:
        session: dict[str, Any] = self.do("client.auth.getSession()")["session"]
        return session

    @property
    def level(self) -> str:
        return str(self.do("client.auth.mfaStatus()")["level"])

    def load(self) -> None:
        """Look at one's notes again; the step that this may ask for is not waited for."""
        self.page.evaluate("() => { load(); }")

    def scan(self) -> Authenticator:
        """The picture in the dialog, as a phone would see it."""
        picture = self.page.locator("#qr")
        expect(picture).to_be_visible()
        return Authenticator(secret_of(read_qr(picture.screenshot())))

    def give(self, code: str) -> None:
        self.page.get_by_label("Code").fill(code)
        self.page.get_by_role("button", name="Verify").click()
