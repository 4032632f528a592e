"""The demo's mailbox in a browser: what is in a mail can be followed, and can do nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.servers import LiveServer

pytestmark = pytest.mark.browser

HOSTILE = """\
Subject: Hostile
From: a@example.com
To: b@example.com
Date: Tue, 24 Nov 2026 20:27:43 -0000
MIME-Version: 1.0
Content-Type: text/html; charset="utf-8"

<html><head><meta http-equiv="refresh" content="0; url=/nowhere"></head>
<body onload="document.body.textContent = 'ran'"><p>Still here</p>
<script>parent.document.title = "ran"; top.location = "/nowhere";</script>
<img src="http://127.0.0.1:9/x.png" onerror="document.body.textContent = 'ran'">
<form action="/nowhere"><button>Send</button></form></body></html>

-------------------------------------------------------------------------------
"""


@pytest.fixture(scope="module")
def demo(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path_factory.mktemp("mailbox") / "server", prepared=prepared)
    server.manage("seed_demo")
    with server:
        yield server


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser without JavaScript, as narrow as a phone."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 640}, locale="en-GB"
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def forget_password(demo: LiveServer, page: Page, email: str) -> None:
    page.goto(f"{demo.url}/b/demo/forgot")
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Email me").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Forgot your password?")


def open_newest(demo: LiveServer, page: Page, to: str) -> None:
    """A thread sends the mail after the answer: look again until it is there."""
    newest = page.locator(".list > li", has_text=to).get_by_role("link")
    page.goto(f"{demo.url}/mailbox")
    end = time.monotonic() + 10
    while not newest.count():
        assert time.monotonic() < end, "The mail did not come."
        page.get_by_role("link", name="Look again").click()
    newest.first.click()


def test_the_button_of_a_mail_leads_on(demo: LiveServer, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    forget_password(demo, page, "ada@example.com")
    open_newest(demo, page, "ada@example.com")
    page.frame_locator("iframe").get_by_role("link", name="Set a new password").click()
    expect(page).to_have_url(f"{demo.url}/b/demo/link")
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile(r"/b/demo/account/new-password"))
    assert said == []


def test_the_link_in_the_text_leads_on_without_javascript(demo: LiveServer, plain: Page) -> None:
    forget_password(demo, plain, "grace@example.com")
    open_newest(demo, plain, "grace@example.com")
    plain.locator("#mail-text a").first.click()
    expect(plain).to_have_url(f"{demo.url}/b/demo/link")


def test_it_fits_a_phone(demo: LiveServer, page: Page) -> None:
    forget_password(demo, page, "ada@example.com")
    page.set_viewport_size({"width": 320, "height": 640})
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    page.goto(f"{demo.url}/mailbox")
    assert page.evaluate(fits)
    open_newest(demo, page, "ada@example.com")
    assert page.evaluate(fits)


def test_a_mail_runs_nothing_loads_nothing_and_goes_nowhere(demo: LiveServer, page: Page) -> None:
    mails = demo.directory / "mail"
    mails.mkdir(exist_ok=True)
    (mails / "20261124-202743-1.log").write_text(HOSTILE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    stopped: dict[str, str | None] = {}
    page.on("requestfailed", lambda request: stopped.update({request.url: request.failure}))
    page.goto(f"{demo.url}/mailbox/20261124-202743-1-0")
    frame = page.frame_locator("iframe")
    expect(frame.locator("p")).to_have_text("Still here")
    frame.get_by_role("button", name="Send").click()
    page.wait_for_timeout(300)
    expect(frame.locator("p")).to_have_text("Still here")
    assert page.title().startswith("Hostile")
    assert page.url.endswith("/mailbox/20261124-202743-1-0")
    assert stopped == {"http://127.0.0.1:9/x.png": "csp"}
    assert not [url for url in asked if "nowhere" in url]
