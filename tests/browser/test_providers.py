"""A provider on another origin, in Chromium: where policies of forms and cookies count."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import StartServer
from tests.support.openid import CLIENT_ID, SECRET, running

pytestmark = pytest.mark.browser
PASSWORD = "a long enough phrase"


def test_a_person_comes_in_by_a_provider_and_another_adds_it(
    start_server: StartServer, context: BrowserContext, page: Page
) -> None:
    server = start_server(workers=1, environment={"LINGAUTH_PROVIDER_PRIVATE_NETWORKS": "1"})
    server.manage("create_backend", "acme", "--name", "Acme", "--auto-confirm")
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    with running() as openid:
        words = ("--issuer", openid.base, "--client-id", CLIENT_ID, "--label", "Corp")
        server.manage("set_provider", "acme", "corp", *words, "--secret-file", "-", stdin=SECRET)
        home = f"{server.url}/b/acme"
        page.goto(f"{home}/account")
        page.get_by_role("link", name="Continue with Corp").click()
        expect(page).to_have_url(f"{home}/account")
        expect(page.get_by_text("ada@example.com").first).to_be_visible()
        names = {cookie["name"] for cookie in context.cookies()}
        assert {"lingauth-acme", "lingauth-flow-acme"} <= names

        context.clear_cookies()
        openid.person.sub, openid.person.email = "bob", "bob@corp.example"
        page.goto(f"{home}/sign-up")
        page.get_by_label("Email").fill("bob@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.locator("form.form").get_by_role("button").first.click()
        expect(page).to_have_url(f"{home}/account")
        page.get_by_role("link", name="Connect Corp").click()
        page.get_by_role("button", name="Continue to Corp").click()
        expect(page).to_have_url(re.compile(r"/account\?done=linked$"))
        expect(page.get_by_text("bob@corp.example")).to_be_visible()
    assert errors == []
