"""The first page in a browser: nothing is blocked by its own policy, and it leads everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.servers import LiveServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path_factory.mktemp("demo") / "server", prepared=prepared)
    server.manage("seed_demo")
    with server:
        yield server


def test_its_links_lead_somewhere(demo: LiveServer, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(demo.url)
    links = page.locator("main a").evaluate_all("links => links.map(link => link.href)")
    assert len(links) >= 5
    for link in links:
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 200, link
        expect(page.locator("h1, h2").first).to_be_visible()
    assert said == []


def test_it_fits_a_phone(demo: LiveServer, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(demo.url)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_command_can_be_copied(demo: LiveServer, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(demo.url)
    page.get_by_role("button", name="Copy the command").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -H 'apikey: lk_anon_")
