"""The demo app's session in several tabs, browsers and hands."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.support.demo import DemoSite, Visitor

pytestmark = pytest.mark.browser


def test_another_tabs_code_opens_the_notes_here(
    me: Visitor, context: BrowserContext, required: None
) -> None:
    me.sign_up()
    me.set_up()
    me.sign_out()
    me.sign_in()
    expect(me.dialog("Enter your code")).to_be_visible()
    other = Visitor(context.new_page(), me.url, me.email, me.secret)
    other.open()
    other.dialog("Enter your code").get_by_label("Six-digit code").fill(me.code(later=1))
    expect(other.page.get_by_text("None yet.")).to_be_visible()
    expect(me.dialog("Enter your code")).to_be_hidden()
    expect(me.page.get_by_text("None yet.")).to_be_visible()


def test_signing_out_in_another_tab_leaves_nothing_here(
    me: Visitor, context: BrowserContext
) -> None:
    me.sign_up()
    me.add("Diary")
    me.security()
    me.page.get_by_role("button", name="Enable two-factor").click()
    other = Visitor(context.new_page(), me.url)
    other.open()
    expect(other.own("Diary")).to_be_visible()
    other.sign_out()
    expect(me.page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(me.page.get_by_role("dialog")).to_have_count(0)
    expect(me.page.locator("[data-secret]")).to_be_empty()
    expect(me.page.locator("[data-own] li")).to_have_count(0)


def test_a_session_that_is_ended_elsewhere_is_told(site: DemoSite, me: Visitor, page: Page) -> None:
    me.sign_up()
    browser = page.context.browser
    assert browser is not None
    other = Visitor(browser.new_context().new_page(), site.url, me.email)
    other.open()
    other.sign_in()
    other.security()
    sessions = other.page.locator("[data-sessions] li")
    expect(sessions).to_have_count(2)
    sessions.get_by_role("button").click()
    expect(sessions).to_have_count(1)
    expect(other.page.get_by_role("heading", name="Sessions")).to_be_focused()

    me.come_back()
    expect(me.page.get_by_role("alert").filter(has_text="You were signed out")).to_be_visible()
    expect(me.page.get_by_role("button", name="Sign in")).to_be_visible()
    me.page.get_by_role("button", name="Close").click()
    expect(me.page.locator("[data-banner]")).to_be_hidden()


def test_what_is_answered_after_signing_out_is_not_shown(me: Visitor) -> None:
    me.sign_up()
    expect(me.page.get_by_text("None yet.")).to_be_visible()
    held: list[Route] = []
    me.page.route("**/rest/v1/notes*owner=*", lambda route: held.append(route))
    with me.page.expect_request("**/rest/v1/notes*owner=*"):
        me.come_back()
    me.sign_out()
    note = {"id": 1, "title": "Diary", "body": "", "is_public": False, "created_at": "2026-01-01"}
    with me.page.expect_response("**/rest/v1/notes*owner=*"):
        held[0].fulfill(json=[note])
    expect(me.page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(me.page.get_by_text("Diary")).to_have_count(0)


def test_a_copied_session_ends_for_both_and_the_person_is_told(me: Visitor) -> None:
    me.sign_up()
    stolen = me.page.evaluate(
        """() => {
            const [name, kept] = Object.entries(localStorage)
                .find(([, kept]) => kept.includes("refresh_token"));
            const session = JSON.parse(kept);
            localStorage.setItem(name, JSON.stringify({...session, expires_at: 1}));
            return session.refresh_token;
        }"""
    )
    used = me.page.request.post(
        f"{me.url}/b/demo/auth/v1/token?grant_type=refresh_token", data={"refresh_token": stolen}
    )
    assert used.status == 200
    me.page.reload()
    expect(me.page.get_by_role("alert").filter(has_text="a copy of your session")).to_be_visible()
    expect(me.page.get_by_role("button", name="Sign in")).to_be_visible()
    again = me.page.request.post(
        f"{me.url}/b/demo/auth/v1/token?grant_type=refresh_token",
        data={"refresh_token": used.json()["refresh_token"]},
    )
    assert again.status == 400


def test_what_another_tab_deleted_goes_here_too(me: Visitor, context: BrowserContext) -> None:
    me.sign_up()
    me.add("Bread")
    other = Visitor(context.new_page(), me.url)
    other.open()
    other.delete("Bread")
    expect(me.own("Bread")).to_be_visible()
    me.come_back()
    expect(me.own("Bread")).to_have_count(0)
