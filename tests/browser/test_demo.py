"""The demo app in Chromium: notes, a switch that is flipped, a second step, a lost phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.demo import DemoSite, Visitor

pytestmark = pytest.mark.browser


def test_the_whole_story(site: DemoSite, page: Page, browser: Browser) -> None:
    blocked: list[str] = []
    page.on("pageerror", lambda error: blocked.append(str(error)))
    page.on("console", lambda said: blocked.append(said.text) if "Policy" in said.text else None)
    me = Visitor(page, site.url)
    me.open()
    expect(me.public("Welcome")).to_be_visible()
    expect(page.get_by_label("Title")).to_be_hidden()

    me.sign_up()
    expect(page.get_by_text("None yet. Write the first one above.")).to_be_visible()
    me.add("Bread", "flour\nwater")
    me.add("Diary", "a secret")
    me.own("Bread").get_by_role("switch").check()
    expect(me.public("Bread")).to_contain_text("Yours")
    stranger = Visitor(browser.new_context().new_page(), site.url)
    stranger.open()
    expect(stranger.public("Bread")).to_contain_text("flour")
    expect(stranger.page.get_by_text("Diary")).to_have_count(0)

    site.require(mfa=True)
    stranger.page.reload()
    expect(stranger.public("Bread")).to_be_visible()
    me.come_back()
    set_up = me.dialog("Enable two-factor")
    expect(set_up).to_contain_text("To read and write your notes, set up a second step")
    me.scan()
    page.locator("#set-up-code").press_sequentially("000000")
    expect(set_up).to_contain_text("That code didn’t match.")
    codes = me.set_up()
    assert len(set(codes)) == 10
    expect(me.own("Diary")).to_be_visible()
    me.security()
    expect(page.get_by_text("10 of 10 left")).to_be_visible()
    expect(page.locator("[data-sessions]")).to_contain_text("Code confirmed")

    me.sign_out()
    expect(page.get_by_text("Diary")).to_have_count(0)
    me.sign_in()
    prompt = me.dialog("Enter your code")
    expect(prompt.get_by_label("Six-digit code")).to_be_focused()
    expect(me.public("Bread")).to_be_visible()
    prompt.get_by_label("Six-digit code").press_sequentially(me.code(later=1))
    expect(prompt).to_be_hidden()
    expect(me.own("Diary")).to_be_visible()

    me.sign_out()
    me.sign_in()
    prompt.get_by_role("button", name="Use a recovery code").click()
    prompt.get_by_label("Recovery code").fill(codes[4].lower())
    prompt.get_by_role("button", name="Continue").click()
    me.delete("Diary")
    expect(me.own("Bread")).to_be_visible()
    me.security()
    expect(page.get_by_text("9 of 10 left")).to_be_visible()
    assert blocked == []


def test_a_person_enables_two_factor_and_disables_it_where_nobody_asks(
    site: DemoSite, page: Page
) -> None:
    me = Visitor(page, site.url)
    me.open()
    me.sign_up()
    me.security()
    page.get_by_role("button", name="Enable two-factor").click()
    codes = me.set_up()
    expect(page.locator("[data-factors]")).to_contain_text("On")
    page.get_by_role("button", name="Make new codes").click()
    me.dialog("Make new codes?").get_by_role("button", name="Make new codes").click()
    shown = me.dialog("Save your recovery codes")
    assert not set(shown.locator("code").all_text_contents()) & set(codes)
    shown.get_by_role("button", name="Finish").click()
    expect(shown).to_contain_text("Tick the box once you have saved the codes.")
    for _ in range(2):  # a browser lets the second one through, unless it is told not to
        page.keyboard.press("Escape")
        expect(shown).to_be_visible()
    shown.evaluate("dialog => dialog.removeAttribute('closedby')")  # as where it is not known
    page.keyboard.press("Escape")
    expect(shown).to_be_visible()
    with page.expect_download() as file:
        shown.get_by_role("link", name="Download .txt").click()
    text = Path(file.value.path()).read_text()
    assert all(code in text for code in shown.locator("code").all_text_contents())
    shown.get_by_label("I have saved these codes").check()
    shown.get_by_role("button", name="Finish").click()

    page.get_by_role("button", name="Remove Authenticator app").click()
    me.dialog("Remove “Authenticator app”?").get_by_role("button", name="Remove").click()
    expect(page.locator("[data-factors]")).to_contain_text("Not set up")
    expect(page.locator("[data-recovery]")).to_be_hidden()


def test_an_old_code_is_asked_for_again_where_that_matters(site: DemoSite, page: Page) -> None:
    """The session is at aal1: making codes is refused until a code was given, and then done."""
    me = Visitor(page, site.url)
    me.open()
    me.sign_up()
    me.security()
    page.get_by_role("button", name="Enable two-factor").click()
    codes = me.set_up()
    me.sign_out()
    me.sign_in()
    me.security()
    page.get_by_role("button", name="Make new codes").click()
    me.dialog("Make new codes?").get_by_role("button", name="Make new codes").click()
    me.dialog("Enter your code").get_by_label("Six-digit code").fill(me.code(later=1))
    shown = me.dialog("Save your recovery codes")
    expect(shown).to_be_visible()
    assert not set(shown.locator("code").all_text_contents()) & set(codes)
