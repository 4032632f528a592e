"""The console in Chromium: the switch as a dialog and without JavaScript, nothing refused by the
policy of its headers, nothing wider than a small screen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect
from pytest_django import Settings

from console.settings_forms import SECTIONS
from lingauth.models import ApiKey, Backend, Event
from lingauth.services.access import key_digest
from tests.conftest import StartServer
from tests.console.conftest import MakeAccount, new_backend, operator_with
from tests.console.support import PASSWORD, Operator
from tests.support.totp import code_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOSTILE = '"><img src=x onerror=alert(1)>@app.test'


@pytest.fixture
def clock() -> None:
    """A browser lives in real time."""


@pytest.fixture
def newcomer(demo: Backend, settings: Settings) -> Operator:
    """An owner whose password the running server can read too."""
    settings.PASSWORD_HASHERS = ["lingauth.hashers.Argon2idHasher"]
    return operator_with("owner", demo)


@pytest.fixture
def site(
    database_url: str, start_server: StartServer, newcomer: Operator, make_account: MakeAccount
) -> str:
    """A running server over a backend with two accounts; its address."""
    make_account(HOSTILE, sessions=2)
    make_account("safe@app.test", factors=1, sessions=1, proven=1)
    return start_server(database_url, workers=1).url


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complained of, and every dialog that a script opened: none at the end."""
    found: list[str] = []

    def opened(dialog: Dialog) -> None:
        found.append(dialog.message)
        dialog.dismiss()

    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
    page.on("dialog", opened)
    yield found
    assert found == []


def sign_in(page: Page, site: str, email: str, there: str = "/backends") -> str:
    """Sign in for the first time; the key that was set up."""
    page.goto(site + there)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Set up two-step verification")).to_be_visible()
    key = page.locator("#key").get_attribute("data-text") or ""
    page.get_by_label("Six-digit code").fill(code_for(key))
    expect(page).to_have_url(re.compile(re.escape(there)))
    return key


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_the_switch_asks_in_a_dialog_and_is_on_afterwards(
    page: Page, site: str, newcomer: Operator, demo: Backend, complaints: list[str]
) -> None:
    sign_in(page, site, newcomer.email, "/backends/demo/authentication")
    when = page.get_by_text("When should this start?")
    expect(when).to_be_hidden()
    switch = page.get_by_role("switch", name="Require MFA for all signed-in users")
    switch.check()
    expect(when).to_be_visible()
    page.get_by_role("button", name="Review and save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(
        "2 open sessions will be asked for a code on their next request."
    )
    expect(dialog).to_contain_text("1 person will be asked to set up an authenticator first.")
    expect(dialog.get_by_role("link", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Review and save").click()
    dialog.get_by_role("button", name="Require MFA").click()
    expect(page.get_by_role("status").first).to_contain_text("MFA is required since")
    expect(switch).to_be_checked()
    demo.refresh_from_db()
    assert demo.mfa_mode == "required"
    assert Event.objects.filter(kind="policy_changed").count() == 1


def test_settings_and_keys_change_without_javascript(
    browser: Browser, site: str, newcomer: Operator, demo: Backend
) -> None:
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    sign_in_without_script(page, site, newcomer.email)
    page.goto(f"{site}/backends/demo/settings/sessions")
    page.get_by_role("switch", name="One session per account").check()
    page.get_by_label("Longest pause").fill("20")
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_text("Longest pause: None → 20 minutes.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_label("Longest pause").fill("0")
    page.get_by_role("switch", name="One session per account").check()
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    demo.refresh_from_db()
    assert demo.single_session

    page.get_by_role("link", name="Keys").click()
    page.get_by_role("link", name="New service key").click()
    page.get_by_label("Label").fill("Worker")
    page.get_by_role("button", name="Make the key").click()
    made = page.locator("#made").inner_text()
    assert ApiKey.objects.get(label="Worker").digest == key_digest(made)
    page.get_by_role("link", name="I have it").click()
    expect(page.get_by_text("Worker")).to_be_visible()
    expect(page.get_by_text(made)).to_have_count(0)
    plain.close()


def test_it_works_without_javascript(
    browser: Browser, site: str, newcomer: Operator, demo: Backend
) -> None:
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    sign_in_without_script(page, site, newcomer.email)
    page.get_by_role("switch").check()
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Require MFA for all signed-in users, starting now?"
    )
    page.get_by_role("button", name="Require MFA").click()
    expect(page.get_by_role("switch")).to_be_checked()
    page.get_by_role("switch").uncheck()
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("button", name="Stop requiring MFA").click()
    expect(page.get_by_role("switch")).not_to_be_checked()
    demo.refresh_from_db()
    assert (demo.mfa_mode, demo.policy_version) == ("optional", 3)
    plain.close()


def sign_in_without_script(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/backends/demo/authentication")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    key = page.locator("#key").get_attribute("data-text") or ""
    page.get_by_label("Six-digit code").fill(code_for(key))
    page.get_by_role("button", name="Turn on").click()


def test_hostile_addresses_run_nothing_and_every_page_fits_a_small_screen(
    page: Page, context: BrowserContext, site: str, newcomer: Operator, complaints: list[str]
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    sign_in(page, site, newcomer.email, "/backends/demo/users")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    for there in (
        "/backends",
        "/backends/demo/users?mfa=none&q=img",
        "/backends/demo/history",
        "/backends/demo/authentication",
        "/backends/demo/authentication/review?version=1&require=on&when=now",
        *(f"/backends/demo/settings/{section}" for section in SECTIONS),
        "/backends/demo/keys",
        "/backends/demo/keys/new",
        "/backends/demo/keys/signing/rotate",
    ):
        page.goto(site + there)
        assert fits(page), there


def test_a_menu_closes_on_escape_and_signing_out_ends_it(
    page: Page, site: str, newcomer: Operator, complaints: list[str]
) -> None:
    operator_with("viewer", new_backend("second", "Second"))
    sign_in(page, site, newcomer.email, "/backends/demo/users")
    mine = page.locator("summary", has_text=newcomer.email)
    mine.click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(mine).to_be_focused()
    mine.click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("summary", has_text=newcomer.email).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{site}/backends/demo/users")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
