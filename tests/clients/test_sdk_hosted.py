"""An app of the SDK's that leaves the second step to the hosted pages, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.clients.app_person import Person
from tests.clients.authenticator import Authenticator
from tests.clients.sdk import App
from tests.support.qr import read_qr
from tests.support.totp import secret_of

pytestmark = pytest.mark.clients


@pytest.fixture
def address(sdk_app: App) -> str:
    return sdk_app.at("sdk", "hosted")


@pytest.fixture
def ada(sdk_app: App, page: Page) -> Person:
    """Signed up, without a factor."""
    person = Person(page, sdk_app.at("sdk", "hosted"))
    person.sign_up()
    return person


@pytest.fixture
def phone(ada: Person) -> Authenticator:
    """Ada has an authenticator, and signed in again."""
    phone = ada.set_up()
    ada.sign_in()
    return phone


def enter(page: Page, code: str) -> None:
    """Type the six digits. The page sends them by itself, once its script is there."""
    page.wait_for_load_state()
    page.locator("input[autocomplete=one-time-code]").press_sequentially(code)


def at_the_pages(page: Page, which: str) -> None:
    expect(page).to_have_url(re.compile(rf"/b/sdk/mfa/{which}\?"))


def test_a_code_at_the_hosted_page_and_back(
    ada: Person, phone: Authenticator, address: str
) -> None:
    before = ada.session["user"]["id"]
    ada.load()
    at_the_pages(ada.page, "verify")
    expect(ada.page.get_by_role("link", name="Back to app.localhost")).to_be_visible()
    enter(ada.page, phone.code())
    expect(ada.status).to_have_text("0 notes")
    expect(ada.page).to_have_url(address)
    assert (ada.session["user"]["id"], ada.level) == (before, "aal2")
    ada.do("client.auth.refreshSession()")
    assert ada.level == "aal2"
    assert ada.do("client.from('notes').select()") == []
    flows = "Object.keys(localStorage).filter((key) => key.includes(`-flow-`))"
    came_with = ada.page.evaluate(flows)
    assert len(came_with) == 1, "that of the sign-up; the way there and back leaves nothing behind"


def test_a_first_authenticator_is_set_up_on_the_way(ada: Person, address: str) -> None:
    page = ada.page
    ada.load()
    at_the_pages(page, "setup")
    code = Authenticator(secret_of(read_qr(page.locator("img.qr").screenshot()))).code()
    enter(page, code)
    page.get_by_label("I have saved these codes").check()
    page.get_by_role("button", name="Finish").click()
    expect(ada.status).to_have_text("0 notes")
    expect(page).to_have_url(address)
    assert ada.level == "aal2"


def test_a_tab_that_waits_goes_on_when_the_other_comes_back(
    ada: Person, phone: Authenticator, sdk_app: App, context: BrowserContext
) -> None:
    waiting = Person(context.new_page(), sdk_app.at("sdk"))
    waiting.page.goto(sdk_app.at("sdk", "dialog"))
    expect(waiting.page.get_by_role("dialog")).to_be_visible()
    ada.load()
    at_the_pages(ada.page, "verify")
    enter(ada.page, phone.code())
    expect(ada.status).to_have_text("0 notes")
    expect(waiting.status).to_have_text("0 notes")
    expect(waiting.page.get_by_role("dialog")).to_be_hidden()


def test_whoever_turns_back_is_not_sent_there_again_until_they_ask(
    ada: Person, phone: Authenticator, address: str
) -> None:
    page = ada.page
    ada.load()
    at_the_pages(page, "verify")
    # What Playwright asks of a page counts as the person's doing: so the page is listened to.
    with page.expect_console_message(lambda told: told.text == "cancelled"):
        page.get_by_role("link", name="Back to app.localhost").click()
    expect(page).to_have_url(re.compile("error_code=step_up_cancelled"))
    ada.load()
    at_the_pages(page, "verify")
    enter(page, phone.code())
    expect(ada.status).to_have_text("0 notes")
    expect(page).to_have_url(address)


def test_the_browsers_own_way_back_leads_to_an_app_that_works(
    ada: Person, phone: Authenticator
) -> None:
    page = ada.page
    ada.load()
    at_the_pages(page, "verify")
    page.go_back()
    at_the_pages(page, "verify")
    enter(page, phone.code())
    expect(ada.status).to_have_text("0 notes")


def test_of_two_tabs_that_left_the_first_one_brings_both_back(
    ada: Person, phone: Authenticator, address: str, context: BrowserContext
) -> None:
    ada.load()
    at_the_pages(ada.page, "verify")
    later = context.new_page()
    later.goto(address)
    at_the_pages(later, "verify")
    enter(ada.page, phone.code())
    expect(ada.status).to_have_text("0 notes")
    enter(later, phone.code())
    expect(later.get_by_role("heading", level=1)).to_have_text("This step is over")
    back = Person(later, address)
    expect(back.status).to_have_text("0 notes")
    assert (back.level, ada.level) == ("aal2", "aal2")


def test_of_two_tabs_that_left_the_last_one_brings_both_back(
    ada: Person, phone: Authenticator, address: str, context: BrowserContext
) -> None:
    ada.load()
    at_the_pages(ada.page, "verify")
    later = context.new_page()
    later.goto(address)
    at_the_pages(later, "verify")
    enter(later, phone.code())
    expect(later.get_by_role("status")).to_have_text("0 notes")
    back = Person(ada.page, address)
    expect(back.status).to_have_text("0 notes")
    assert back.level == "aal2"


def test_an_app_whose_address_is_on_no_list_is_told(
    ada: Person, phone: Authenticator, address: str
) -> None:
    """The calls end as given up, and the console says why."""
    page = ada.page
    elsewhere = address.replace("app.localhost", "elsewhere.localhost")
    session = page.evaluate("JSON.stringify(localStorage)")
    page.goto(elsewhere.replace("&step=hosted", ""))
    page.evaluate("(kept) => Object.assign(localStorage, JSON.parse(kept))", session)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    page.goto(elsewhere)
    expect(page.get_by_role("status")).to_have_text("cancelled")
    assert errors == ["redirect_to is none of this backend's places."]
