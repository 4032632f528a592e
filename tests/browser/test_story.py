"""The whole story in Chromium, against a running server: two people, one switch."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import StartServer
from tests.support.qr import read_qr
from tests.support.servers import LiveServer
from tests.support.totp import code_for, secret_of

pytestmark = pytest.mark.browser

OPERATOR = "owner@example.com"
PASSWORD = "a long enough phrase"


@dataclass
class Operator:
    """Somebody at the console."""

    page: Page
    url: str

    def sign_in_and_set_up(self) -> None:
        self.page.goto(f"{self.url}/backends")
        expect(self.page).to_have_url(re.compile("/backends/sign-in"))
        self.page.get_by_label("Email").fill(OPERATOR)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).to_have_url(re.compile("/backends/set-up"))
        self.page.goto(f"{self.url}/backends/acme/authentication")
        expect(self.page).to_have_url(re.compile("/backends/set-up"))
        enter_code(self.page, code_for(scanned(self.page)))

    def flip(self, *, on: bool) -> None:
        """Flip the switch, read what will happen, confirm it."""
        self.page.goto(f"{self.url}/backends/acme/authentication")
        switch = self.page.get_by_role("switch", name="Require MFA for all signed-in users")
        expect(switch).to_be_checked(checked=not on)
        switch.set_checked(on)
        self.page.get_by_role("button", name="Review and save").click()
        review = self.page.locator("form.review")
        expect(review).to_be_visible()
        if on:
            expect(review).to_contain_text("1 person will be asked to set up an authenticator")
        review.get_by_role("button").first.click()
        expect(self.page.get_by_role("status").first).to_be_visible()
        expect(
            self.page.get_by_role("switch", name="Require MFA for all signed-in users")
        ).to_be_checked(checked=on)


@dataclass
class Person:
    """Somebody at the hosted pages, whose app lives on the same site."""

    page: Page
    url: str
    anon_key: str

    def read_notes(self) -> tuple[int, Any]:
        """What the app gets for the session of the hosted pages."""
        self.page.wait_for_load_state()
        token = self.page.evaluate(
            """async () => {
                const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
                const answer = await fetch("/b/acme/access-token", {
                    method: "POST", headers: {"X-CSRFToken": csrf}});
                return (await answer.json()).access_token;
            }"""
        )
        return self._fetch({"apikey": self.anon_key, "Authorization": f"Bearer {token}"})

    def read_public_notes(self) -> tuple[int, Any]:
        return self._fetch({"apikey": self.anon_key})

    def _fetch(self, headers: dict[str, str]) -> tuple[int, Any]:
        status, text = self.page.evaluate(
            """async (headers) => {
                const answer = await fetch("/b/acme/rest/v1/notes", {headers});
                return [answer.status, await answer.text()];
            }""",
            headers,
        )
        return status, text

    def sign_in(self) -> None:
        self.page.goto(f"{self.url}/b/acme/sign-in")
        self.page.get_by_label("Email").fill("ada@example.com")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()


def scanned(page: Page) -> str:
    """The secret in the picture on the page, as a phone would see it."""
    return secret_of(read_qr(page.locator("img.qr, .qr").first.screenshot()))


def enter_code(page: Page, code: str) -> None:
    """Type the six digits. The page sends them by itself, so no button is pressed."""
    where = page.url
    page.locator("input[autocomplete=one-time-code]").press_sequentially(code)
    page.wait_for_url(lambda url: url != where)


@pytest.fixture
def server(start_server: StartServer) -> LiveServer:
    return start_server()


def test_the_whole_story(server: LiveServer, browser: Browser) -> None:
    made = json.loads(
        server.manage("create_backend", "acme", "--name", "Acme", "--auto-confirm", "--json")
    )
    server.manage(
        *("create_operator", OPERATOR, "--backend", "acme", "--role", "owner"),
        "--password-stdin",
        stdin=PASSWORD + "\n",
    )
    operator = Operator(browser.new_context().new_page(), server.url)
    person = Person(browser.new_context().new_page(), server.url, made["anon_key"])

    operator.sign_in_and_set_up()

    person.page.goto(f"{server.url}/b/acme/sign-up")
    person.page.get_by_label("Email").fill("ada@example.com")
    person.page.get_by_label("Password").fill(PASSWORD)
    person.page.get_by_role("button", name="Create account").click()
    expect(person.page).to_have_url(re.compile("/b/acme/account"))
    assert person.read_notes()[0] == 200
    public = person.read_public_notes()
    assert public[0] == 200

    operator.flip(on=True)

    status, body = person.read_notes()
    assert status == 403
    assert json.loads(body)["code"] == "mfa_required"
    assert json.loads(body)["details"]["next"] == "enroll"
    assert person.read_public_notes() == public

    person.page.goto(json.loads(body)["details"]["url"])
    expect(person.page.get_by_role("heading", level=1)).to_have_text(
        "Acme asks you to set up two-step verification"
    )
    enter_code(person.page, code_for(scanned(person.page)))
    codes = person.page.locator("#codes code").all_text_contents()
    assert len(set(codes)) == 10
    person.page.get_by_label("I have saved these codes").check()
    person.page.get_by_role("button", name="Finish").click()
    expect(person.page).to_have_url(re.compile("/b/acme/account"))
    assert person.read_notes()[0] == 200

    person.page.goto(f"{server.url}/b/acme/account")
    person.page.get_by_role("button", name="Sign out", exact=True).first.click()
    person.sign_in()
    expect(person.page).to_have_url(re.compile("/b/acme/mfa/verify"))
    assert json.loads(person.read_notes()[1])["details"]["next"] == "challenge"
    person.page.get_by_role("link", name="Use a recovery code").click()
    person.page.get_by_label("Recovery code").fill(codes[3].upper())
    person.page.get_by_role("button", name="Continue").click()
    expect(person.page).to_have_url(re.compile("/b/acme/(account|mfa/recovery-codes)"))
    assert person.read_notes()[0] == 200
    person.page.goto(f"{server.url}/b/acme/account")
    expect(person.page.get_by_text("9 of 10")).to_be_visible()

    operator.flip(on=False)
    person.page.get_by_role("button", name="Sign out", exact=True).first.click()
    person.sign_in()
    expect(person.page).to_have_url(re.compile("/b/acme/mfa/verify"))
    assert person.read_notes()[0] == 200
