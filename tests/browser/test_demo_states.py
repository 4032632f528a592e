"""What the demo app shows when something does not go as wished: each state has its words."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.demo import PASSWORD, DemoSite, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def me(site: DemoSite, page: Page) -> Visitor:
    visitor = Visitor(page, site.url)
    visitor.open()
    return visitor


@pytest.fixture
def required(site: DemoSite) -> None:
    """The operator's switch is on."""
    site.require(mfa=True)


def test_what_is_missing_or_wrong_is_said_beside_its_field(me: Visitor) -> None:
    me.page.get_by_role("button", name="Sign in").click()
    email = me.page.locator("#sign-in-email")
    expect(email).to_be_focused()
    expect(email).to_have_accessible_description("Enter your email address.")
    expect(me.page.locator("#sign-in-password")).to_have_accessible_description(
        "Enter your password."
    )
    me.sign_in("not the password")
    password = me.page.locator("#sign-in-password")
    expect(password).to_be_focused()
    expect(password).to_have_accessible_description(
        "That email and password don’t match an account."
    )
    expect(email).not_to_have_attribute("aria-invalid", "true")


def test_an_address_that_is_taken_and_a_password_that_is_too_short(me: Visitor) -> None:
    me.sign_up()
    me.sign_out()
    me.page.get_by_role("button", name="Create an account").click()
    password = me.page.locator("#sign-up-password")
    me.page.locator("#sign-up-email").fill(me.email)
    password.fill("short")
    me.page.get_by_role("button", name="Create account").click()
    expect(me.page.get_by_text("This password is too short.")).to_be_visible()
    expect(password).to_have_accessible_description(
        "This password is too short. At least 8 characters. A few unrelated words make a good one."
    )
    password.fill(PASSWORD)
    me.page.get_by_role("button", name="Create account").click()
    expect(me.page.get_by_text("There is an account with this address.")).to_be_visible()


def test_a_backend_that_confirms_addresses_by_mail(site: DemoSite, me: Visitor) -> None:
    site.set("auto_confirm", "false")
    try:
        me.page.get_by_role("button", name="Create an account").click()
        me.page.locator("#sign-up-email").fill(me.email)
        me.page.locator("#sign-up-password").fill(PASSWORD)
        me.page.get_by_role("button", name="Create account").click()
        expect(me.page.get_by_text("Look into your mail")).to_contain_text(me.email)
        me.page.get_by_role("button", name="Back to signing in").click()
        me.sign_in()
        expect(me.page.get_by_text("This address is not confirmed yet.")).to_be_visible()
    finally:
        site.set("auto_confirm", "true")


def test_giving_up_closes_the_notes_and_nothing_else(me: Visitor, required: None) -> None:
    me.sign_up()
    dialog = me.dialog("Enable two-factor")
    expect(dialog.get_by_label("Six-digit code")).to_be_visible()
    me.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(
        me.page.get_by_text("Your notes stay closed until you set up a second step.")
    ).to_be_visible()
    expect(me.page.get_by_label("Title")).to_be_hidden()
    expect(me.public("Welcome")).to_be_visible()
    expect(me.page.get_by_role("heading", name="Your notes")).to_be_focused()
    me.come_back()
    expect(dialog).to_be_hidden()
    me.page.reload()
    expect(dialog).to_be_visible()
    me.page.keyboard.press("Escape")
    expect(me.public("Welcome")).to_be_visible()

    me.page.get_by_role("button", name="Set it up").click()
    me.set_up()
    expect(me.page.get_by_label("Title")).to_be_visible()
    expect(me.page.get_by_role("heading", level=1)).to_be_focused()
    me.sign_out()
    me.sign_in()
    me.dialog("Enter your code").get_by_role("button", name="Not now").click()
    expect(
        me.page.get_by_text("until you confirm a code from your authenticator app")
    ).to_be_visible()
    expect(me.page.get_by_role("button", name="Enter a code")).to_be_visible()


def test_a_wrong_code_is_sent_once_and_can_be_mended(me: Visitor, required: None) -> None:
    me.sign_up()
    me.set_up()
    me.sign_out()
    me.sign_in()
    sent: list[str] = []
    me.page.on("request", lambda request: sent.append(request.url))
    field = me.dialog("Enter your code").get_by_label("Six-digit code")
    field.press_sequentially("000000")
    expect(field).to_have_accessible_description(
        "That code didn’t work. Enter the code that is showing in your app now."
    )
    expect(field).to_be_focused()
    field.press("End")
    field.press("Backspace")
    field.press("0")
    field.press("ControlOrMeta+a")
    me.page.keyboard.insert_text(me.code(later=1))
    me.page.keyboard.press("Enter")  # the last digit has sent it already
    expect(me.dialog("Enter your code")).to_be_hidden()
    assert len([url for url in sent if url.endswith("/mfa/verify")]) == 2


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


def test_offline_is_said_and_what_was_there_stays(me: Visitor, context: BrowserContext) -> None:
    me.sign_up()
    me.add("Bread")
    context.set_offline(True)
    expect(me.page.get_by_text("You are offline. What you see may be old")).to_be_visible()
    me.page.get_by_label("Title").fill("Later")
    me.page.get_by_role("button", name="Add note").click()
    expect(
        me.page.get_by_role("alert").filter(has_text="Not added. You are offline.")
    ).to_be_visible()
    expect(me.page.get_by_label("Title")).to_have_value("Later")
    me.own("Bread").get_by_role("switch").click()
    expect(me.own("Bread")).to_contain_text("Not changed. You are offline.")
    expect(me.own("Bread").get_by_role("switch")).not_to_be_checked()
    context.set_offline(False)
    expect(me.page.get_by_text("You are offline. What you see may be old")).to_be_hidden()
    me.page.get_by_role("button", name="Add note").click()
    expect(me.own("Later")).to_be_visible()


def test_a_server_that_does_not_answer_can_be_asked_again(me: Visitor) -> None:
    me.page.route("**/rest/v1/notes*", lambda route: route.abort())
    me.page.reload()
    public = me.page.locator("[data-public]")
    expect(public).to_contain_text(
        "The server could not be reached.", timeout=20_000
    )  # three tries
    me.page.unroute_all()
    public.get_by_role("button", name="Try again").click()
    expect(me.public("Welcome")).to_be_visible()
    expect(public).not_to_contain_text("could not be reached")
