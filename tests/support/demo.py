"""Somebody at the demo app, in a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import time
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.support.qr import read_qr
from tests.support.servers import LiveServer
from tests.support.totp import code_for, secret_of

PASSWORD = "a long enough phrase"


@dataclass
class DemoSite:
    """A server with the demo's data, and its operator."""

    server: LiveServer
    requires_mfa: bool = False

    @property
    def url(self) -> str:
        return self.server.url

    def require(self, *, mfa: bool) -> None:
        """Flip the operator's switch."""
        if mfa != self.requires_mfa:
            self.set("mfa_mode", "required" if mfa else "optional")
            self.requires_mfa = mfa

    def set(self, name: str, value: str) -> None:
        """Change a setting of the backend."""
        self.server.manage("set_policy", "demo", f"{name}={value}")


@dataclass
class Visitor:
    """One tab. The email is a new one for each visitor."""

    page: Page
    url: str
    email: str = field(default_factory=lambda: f"{uuid4().hex[:8]}@example.com")
    secret: str = ""

    def open(self) -> None:
        self.page.goto(f"{self.url}/demo/")
        expect(self.page.locator("[data-public] [data-list] li").first).to_be_visible()

    def sign_up(self) -> None:
        self.page.get_by_role("button", name="Create an account").click()
        self.page.locator("#sign-up-email").fill(self.email)
        self.page.locator("#sign-up-password").fill(PASSWORD)
        self.page.get_by_role("button", name="Create account").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def sign_in(self, password: str = PASSWORD) -> None:
        self.page.locator("#sign-in-email").fill(self.email)
        self.page.locator("#sign-in-password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out", exact=True).click()
        expect(self.page.get_by_role("button", name="Sign in")).to_be_visible()

    def security(self) -> None:
        self.page.get_by_role("link", name="Security").click()
        expect(self.page.get_by_role("heading", name="Security")).to_be_focused()

    def add(self, title: str, body: str = "") -> None:
        self.page.get_by_label("Title").fill(title)
        self.page.get_by_label("Text").fill(body)
        self.page.get_by_role("button", name="Add note").click()
        expect(self.own(title)).to_be_visible()

    def delete(self, title: str) -> None:
        self.page.get_by_role("button", name=f"Delete {title}").click()
        self.dialog(f"Delete “{title}”?").get_by_role("button", name="Delete").click()
        expect(self.own(title)).to_have_count(0)

    def own(self, title: str) -> Locator:
        """The note of that title among one's own."""
        return self.page.locator("[data-own] li").filter(has_text=title)

    def public(self, title: str) -> Locator:
        """The note of that title among everybody's."""
        return self.page.locator("[data-public] li").filter(has_text=title)

    def come_back(self) -> None:
        """To the tab, from another."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def dialog(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=name)

    def scan(self) -> None:
        """The picture of the open set-up, as a phone would."""
        picture = self.page.locator("#set-up .qr")
        expect(picture).to_be_visible()
        self.secret = secret_of(read_qr(picture.screenshot()))

    def code(self, later: int = 0) -> str:
        """What the app shows, or will show so many codes later: each works once."""
        return code_for(self.secret, time() + 30 * later)

    def set_up(self) -> list[str]:
        """Do what the open set-up asks for. Answers the recovery codes."""
        self.scan()
        self.page.locator("#set-up-code").press_sequentially(self.code())
        codes = self.dialog("Save your recovery codes")
        expect(codes).to_be_visible()
        shown = codes.locator("code").all_text_contents()
        codes.get_by_label("I have saved these codes").check()
        codes.get_by_role("button", name="Finish").click()
        expect(codes).to_be_hidden()
        return shown
