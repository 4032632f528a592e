"""Every kind of mail, read in the demo's mailbox and followed in Chromium."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import StartServer
from tests.support.servers import LiveServer
from tests.support.totp import code_for

pytestmark = [pytest.mark.browser, pytest.mark.once]

PASSWORD = "a long enough phrase"
SETTINGS = """
from lingauth.models import Backend
Backend.objects.update(mail_cooldown=0, mails_per_hour=100, redirect_urls=["{app}/**"])
"""


@dataclass
class Person:
    """Somebody whose mail program and app are in the same browser."""

    page: Page
    url: str
    email: str
    opened: set[str] = field(default_factory=set)

    def goto(self, path: str) -> None:
        self.page.goto(f"{self.url}/b/acme/{path}")

    def fill(self, **fields: str) -> None:
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " ")).fill(value)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def is_at(self, path: str) -> None:
        expect(self.page).to_have_url(re.compile(rf"/b/acme/{path}(\?|$)"))

    def open_mail(self, subject: str, to: str = "") -> None:
        """The newest with that subject that was not opened before, once it is there."""
        rows = self.page.locator("li", has_text=f"To {to or self.email}")
        links = rows.get_by_role("link", name=re.compile(subject))
        end = time.monotonic() + 10
        while True:
            self.page.goto(f"{self.url}/mailbox")
            there = links.evaluate_all("links => links.map(link => link.href)")
            unread = [href for href in there if href not in self.opened]
            if unread or time.monotonic() > end:
                break
            time.sleep(0.1)
        self.opened.add(unread[0])
        self.page.goto(unread[0])

    def follow(self, subject: str, to: str = "", *, in_html: str = "") -> None:
        """Open that mail and click its link: in the text, or in the HTML the one of that name."""
        self.open_mail(subject, to)
        if in_html:
            self.page.frame_locator("iframe").get_by_role("link", name=in_html).click()
        else:
            self.page.locator("#mail-text a").first.click()
        expect(self.page).to_have_url(f"{self.url}/b/acme/link")

    def code_in(self, subject: str) -> str:
        self.open_mail(subject)
        found = re.search(r"code: (\d{6})", self.page.locator("#mail-text").inner_text())
        assert found
        return found[1]

    def sign_out(self) -> None:
        self.goto("account")
        self.press("Sign out")
        self.is_at("sign-in")

    def set_up_a_factor(self) -> list[str]:
        """The recovery codes."""
        self.goto("mfa/setup")
        secret = self.page.locator("#key").get_attribute("data-text")
        assert secret
        self.page.locator("#id_code").fill(code_for(secret))
        self.page.wait_for_url("**/mfa/recovery-codes**")
        codes = self.page.locator("#codes code").all_text_contents()
        self.page.get_by_label("I have saved these codes").check()
        self.press("Finish")
        return codes


def api(server: LiveServer, key: str, path: str, **body: Any) -> None:
    answer = httpx.post(f"{server.url}/b/acme/auth/v1/{path}", json=body, headers={"apikey": key})
    assert answer.status_code == 200, answer.text


def test_each_mails_link_works_in_the_browser(start_server: StartServer, browser: Browser) -> None:
    server = start_server()
    app = server.url.replace("127.0.0.1", "localhost")  # another site to a browser
    made = json.loads(server.manage("create_backend", "acme", "--name", "Acme", "--json"))
    server.manage("shell", "-v0", "-c", SETTINGS.format(app=app))
    ada = Person(browser.new_context().new_page(), server.url, "ada@example.com")
    blocked: list[str] = []
    ada.page.on("console", lambda said: blocked.append(said.text))

    ada.goto("sign-up")
    ada.fill(Email=ada.email, Password=PASSWORD)
    ada.press("Create account")
    ada.is_at("code")
    ada.follow("Confirm your")
    ada.press("Confirm my address")
    ada.is_at("account")

    ada.sign_out()
    ada.fill(Email=ada.email)
    ada.press("Email me a code instead")
    ada.is_at("code")
    ada.follow("Sign in to Acme", in_html="Sign in")
    ada.press("Sign in")
    ada.is_at("account")
    codes = ada.set_up_a_factor()

    ada.sign_out()
    ada.page.get_by_role("link", name="Forgot your password?").click()
    ada.fill(Email=ada.email)
    ada.press("Email me")
    ada.is_at("code")
    ada.follow("new password")
    ada.press("Continue")
    ada.is_at("mfa/verify")
    ada.page.get_by_role("link", name="Use a recovery code").click()
    ada.fill(Recovery_code=codes[0])
    ada.press("Continue")
    ada.is_at("account/new-password")
    ada.fill(New_password="another fine phrase")
    ada.press("Save password")
    ada.is_at("account")

    ada.goto("account/email")
    ada.fill(New_email="ada@new.example")
    ada.press("Change address")
    ada.follow("Confirm this address", "ada@new.example")
    ada.press("Confirm this address")
    expect(ada.page.get_by_role("heading", name="One more to go")).to_be_visible()
    ada.follow("new address")
    ada.press("Agree to the change")
    ada.is_at("account")
    expect(ada.page.get_by_role("main")).to_contain_text("Your address was changed.")
    ada.email = "ada@new.example"

    ada.sign_out()
    ada.fill(Email=ada.email)
    ada.press("Email me a code instead")
    ada.is_at("code")
    code = ada.code_in("Sign in to Acme")
    ada.goto("code")
    ada.page.locator("#id_code").press_sequentially(code)  # the sixth digit sends it
    ada.is_at("mfa/verify")

    api(server, made["anon_key"], f"otp?redirect_to={app}/mailbox", email=ada.email)
    ada.follow("Sign in to Acme")
    expect(ada.page.get_by_role("main")).to_contain_text("Then you go on to localhost.")
    ada.press("Sign in")
    ada.page.wait_for_url(re.compile(rf"^{app}/mailbox#access_token=.*&type=magiclink$"))

    api(server, made["service_key"], "invite", email="grace@example.com")
    grace = Person(browser.new_context().new_page(), server.url, "grace@example.com")
    grace.follow("invited")
    grace.press("Accept the invitation")
    grace.is_at("account/new-password")
    grace.fill(New_password=PASSWORD)
    grace.press("Save password")
    grace.is_at("account")
    assert not [text for text in blocked if "Content Security Policy" in text]
