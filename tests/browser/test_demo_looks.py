"""The demo app for everybody: axe finds nothing, a small phone suffices, and so does a keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.axe import complaints
from tests.support.demo import DemoSite, Visitor

pytestmark = pytest.mark.browser
WIDE: ViewportSize = {"width": 1280, "height": 900}
SMALL: ViewportSize = {"width": 320, "height": 640}


@pytest.fixture(params=[("light", WIDE), ("dark", SMALL)])
def tab(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    scheme, size = request.param
    context = browser.new_context(
        color_scheme=scheme, viewport=size, has_touch=size == SMALL, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def check(page: Page) -> None:
    """What is shown now has no faults, and fits."""
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for dialog in page.get_by_role("dialog").all():
        assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")


def test_every_state(site: DemoSite, tab: Page) -> None:
    me = Visitor(tab, site.url)
    me.open()
    check(tab)
    tab.get_by_role("button", name="Sign in").click()
    check(tab)
    me.sign_up()
    expect(tab.get_by_text("None yet.")).to_be_visible()
    check(tab)
    me.add(f"{me.email} has a title as long as few are, {'long' * 20}", "w" * 200 + "\nand a line")
    me.own(me.email).get_by_role("switch").check()
    expect(me.public(me.email)).to_be_visible()
    tab.get_by_text("Behind this page").click()
    check(tab)
    me.own(me.email).get_by_role("button").click()
    check(tab)
    tab.keyboard.press("Escape")

    me.security()
    expect(tab.locator("[data-sessions] li")).to_have_count(1)
    check(tab)
    site.require(mfa=True)
    me.come_back()
    me.scan()
    check(tab)
    tab.locator("#set-up-code").fill("000000")
    expect(tab.get_by_text("That code didn’t match.")).to_be_visible()
    check(tab)
    tab.locator("#set-up-code").fill(me.code())
    codes = me.dialog("Save your recovery codes")
    codes.get_by_role("button", name="Finish").click()
    check(tab)
    codes.get_by_label("I have saved these codes").check()
    codes.get_by_role("button", name="Finish").click()
    expect(tab.locator("[data-factors]")).to_contain_text("Authenticator app")
    check(tab)

    me.sign_out()
    me.sign_in()
    prompt = me.dialog("Enter your code")
    expect(prompt).to_be_visible()
    check(tab)
    prompt.get_by_role("button", name="Use a recovery code").click()
    check(tab)
    prompt.get_by_role("button", name="Not now").click()
    expect(tab.get_by_text("Your notes stay closed")).to_be_visible()
    tab.context.set_offline(True)
    expect(tab.get_by_text("You are offline.")).to_be_visible()
    check(tab)


def test_a_keyboard_suffices(site: DemoSite, page: Page) -> None:
    me = Visitor(page, site.url)
    me.open()
    me.sign_up()
    expect(page.get_by_role("heading", name="Your notes")).to_be_focused()
    press = page.keyboard.press
    press("Tab")
    page.keyboard.type("Spelt")
    press("Tab")
    page.keyboard.type("flour")
    press("Tab")
    press("Space")
    press("Tab")
    press("Enter")
    expect(me.public("Spelt")).to_be_visible()
    expect(page.get_by_label("Title")).to_be_focused()
    page.get_by_role("button", name="Delete Spelt").focus()
    press("Enter")
    question = me.dialog("Delete “Spelt”?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    press("Escape")
    expect(page.get_by_role("button", name="Delete Spelt")).to_be_focused()
    press("Enter")
    press("Shift+Tab")
    press("Enter")
    expect(me.own("Spelt")).to_have_count(0)
    expect(page.get_by_label("Title")).to_be_focused()


def test_what_happens_is_said_to_who_does_not_see_it(site: DemoSite, page: Page) -> None:
    me = Visitor(page, site.url)
    me.open()
    voice = page.locator("[data-voice]")
    me.sign_up()
    expect(voice).to_have_text(f"Signed in as {me.email}.")
    me.add("Rye")
    expect(voice).to_have_text("Added Rye.")
    me.own("Rye").get_by_role("switch").check()
    expect(voice).to_have_text("Anyone can read it now.")
    me.sign_out()
    expect(voice).to_have_text("You are signed out.")
    expect(page.locator("[data-plain]")).to_have_attribute("hidden", "")


def test_its_scripts_are_of_one_version(site: DemoSite, page: Page) -> None:
    """Each is named by its digest, also where another imports it, so none comes from a cache."""
    loaded: list[str] = []
    page.on("request", lambda asked: loaded.append(asked.url))
    Visitor(page, site.url).open()
    scripts = [url for url in loaded if url.endswith(".js")]
    assert len(scripts) > 10
    assert [url for url in scripts if not re.search(r"\.[0-9a-f]{12}\.js$", url)] == []


def test_without_javascript_it_leads_to_the_plain_page(site: DemoSite, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/demo/")
    expect(page.get_by_text("This page is an app and needs JavaScript.")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    page.get_by_role("link", name="The same notes as a plain page").click()
    expect(page.get_by_text("On compilers")).to_be_visible()
    context.close()
