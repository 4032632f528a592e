"""What the demo app shows when something does not go as wished: each state has its words."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.support.demo import PASSWORD, DemoSite, Visitor

pytestmark = pytest.mark.browser


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
    field = me.dialog("Enter your code").get_by_label("Six-digit code")
    field.press_sequentially("000000")
    expect(me.page.get_by_text("That code didn’t work.")).to_be_visible()
    me.page.get_by_role("button", name="Not now").click()
    me.page.get_by_role("button", name="Enter a code").click()
    sent: list[str] = []
    me.page.on("request", lambda request: sent.append(request.url))
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


def test_a_note_that_was_refused_is_written_after_the_code(me: Visitor, site: DemoSite) -> None:
    me.sign_up()
    expect(me.page.get_by_text("None yet.")).to_be_visible()
    site.require(mfa=True)
    me.page.get_by_label("Title").fill("Bread")
    me.page.get_by_role("button", name="Add note").click()
    me.set_up()
    expect(me.own("Bread")).to_be_visible()
    me.page.reload()
    expect(me.own("Bread")).to_have_count(1)


def test_coming_back_to_the_tab_keeps_ones_place(me: Visitor) -> None:
    me.sign_up()
    me.add("Bread")
    me.page.reload()
    delete = me.page.get_by_role("button", name="Delete Bread")
    delete.focus()
    with me.page.expect_response("**/rest/v1/notes*"):
        me.come_back()
    expect(delete).to_be_focused()


def test_a_set_up_that_was_closed_does_not_come_into_the_next(me: Visitor) -> None:
    me.sign_up()
    me.security()
    held: list[Route] = []
    me.page.route("**/auth/v1/factors", lambda route: held.append(route), times=1)
    enable = me.page.get_by_role("button", name="Enable two-factor")
    with me.page.expect_request("**/auth/v1/factors"):
        enable.click()
    me.page.keyboard.press("Escape")
    enable.click()
    me.scan()
    late = {"secret": "LATE", "uri": "otpauth://totp/late", "qr_code": "<svg/>"}
    with me.page.expect_response("**/auth/v1/factors"):
        held[0].fulfill(json={"id": "late", "type": "totp", "totp": late})
    me.set_up()
    expect(me.page.locator("[data-factors]")).to_contain_text("Authenticator app")


def test_a_question_is_answered_by_its_own_dialog_alone(me: Visitor) -> None:
    """The event of a dialog that closed may come when the next one is open."""
    me.sign_up()
    me.add("Bread")
    me.page.get_by_role("button", name="Delete Bread").click()
    me.page.locator("#ask").dispatch_event("close")
    me.dialog("Delete “Bread”?").get_by_role("button", name="Delete").click()
    expect(me.own("Bread")).to_have_count(0)
