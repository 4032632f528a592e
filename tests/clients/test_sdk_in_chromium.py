"""The SDK in Chromium, in an app on a site of its own: the guide's story, tabs, losses, a thief."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.clients.app_person import Person
from tests.clients.conftest import Site
from tests.clients.sdk import App

pytestmark = pytest.mark.clients
TABS = 8
REFRESHES = re.compile(r"/token\?grant_type=refresh_token$")


def test_the_story_of_the_guide(
    site: Site, sdk_app: App, page: Page, context: BrowserContext
) -> None:
    ada = Person(page, sdk_app.at("story-page", "dialog"))
    ada.sign_up()
    ada.do("client.from('notes').insert({ title: 'Mine' })")
    site.server.manage("set_policy", "story-page", "mfa_mode=required")

    ada.load()
    phone = ada.scan()
    ada.give("000000")
    expect(page.get_by_role("alert")).not_to_be_empty()
    ada.give(phone.code())
    expect(ada.status).to_have_text("1 notes")
    expect(page.get_by_role("listitem")).to_have_text(["Mine"])

    page.evaluate("localStorage.clear()")
    later = Person(page, sdk_app.at("story-page", "dialog"))
    expect(later.status).to_have_text("Signed out")
    later.email = ada.email
    later.sign_in()
    later.load()
    expect(page.locator("#qr")).to_be_hidden()
    later.give(phone.code())
    expect(later.status).to_have_text("1 notes")
    assert later.page.evaluate("prompts") == ["challenge"]
    assert later.level == "aal2"


def test_a_dialog_that_is_closed_leaves_the_refusal(sdk_app: App, page: Page) -> None:
    ada = Person(page, sdk_app.at("sdk", "dialog"))
    ada.sign_up()
    ada.load()
    page.get_by_role("button", name="Cancel").click()
    expect(ada.status).to_have_text("cancelled")


def test_a_code_in_another_tab_is_enough_for_this_one(
    sdk_app: App, page: Page, context: BrowserContext
) -> None:
    ada = Person(page, sdk_app.at("sdk", "dialog"))
    ada.sign_up()
    ada.load()
    ada.scan()
    other = Person(context.new_page(), sdk_app.at("sdk"))
    expect(other.status).to_have_text("mfa_required")
    other.set_up()
    expect(ada.status).to_have_text("0 notes")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert ada.page.evaluate("prompts") == ["enroll"]


def asleep(person: Person) -> None:
    """The access token runs out, for all tabs: what a lid does that is closed for the night."""
    person.page.evaluate(
        """() => {
            const [key] = Object.keys(localStorage).filter((key) => /^lingauth-[^-]+$/.test(key));
            const session = JSON.parse(localStorage.getItem(key));
            localStorage.setItem(key, JSON.stringify({ ...session, expires_at: 1 }));
        }"""
    )


def test_eight_tabs_that_wake_at_once_stay_signed_in(
    sdk_app: App, page: Page, context: BrowserContext
) -> None:
    ada = Person(page, sdk_app.at("strict"))
    ada.sign_up()
    # Not first when they wake: Chromium's tabs see what another stores a moment later.
    assert page.evaluate("Object.keys(localStorage)").count("lingauth-strict-device") == 1
    more = [Person(context.new_page(), sdk_app.at("strict")) for _ in range(TABS - 1)]
    tabs = [ada, *more]
    for person in tabs:
        expect(person.status).to_have_text(re.compile("Signed out|0 notes"))
        person.page.evaluate(
            """() => { globalThis.woken = new Promise((done) => {
                new BroadcastChannel("morning").onmessage = () =>
                    done(client.from("notes").select().then(({ error }) => error));
            }); }"""
        )
    sent: list[str] = []

    def note(request: Request) -> None:
        if REFRESHES.search(request.url):
            sent.append(request.headers["idempotency-key"])

    context.on("request", note)
    asleep(ada)
    bell = context.new_page()
    bell.goto(f"{sdk_app.url}/lingauth.js")
    bell.evaluate("new BroadcastChannel('morning').postMessage('')")
    woken = [person.page.evaluate("woken") for person in tabs]
    assert len(set(sent)) == 1, f"All tabs name the one try by the same name: {sent}"
    assert woken == [None] * TABS
    stored = {person.session["refresh_token"] for person in tabs}
    assert len(stored) == 1
    assert len(ada.do("client.auth.listSessions()")["sessions"]) == 1
    assert [person.page.evaluate("ended") for person in tabs] == [[]] * TABS
    for person in tabs:
        person.do("client.auth.refreshSession()")


def test_an_answer_that_is_lost_three_times_signs_nobody_out(sdk_app: App, page: Page) -> None:
    ada = Person(page, sdk_app.at("strict"))
    ada.sign_up()
    before = ada.session["refresh_token"]
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or len(lost) == 3:
            return route.continue_()
        lost.append(route.fetch().status)
        route.abort("connectionreset")

    page.route(REFRESHES, lose)
    asleep(ada)
    assert ada.do("client.from('notes').select()") == []
    assert lost == [200, 200, 200]
    assert ada.session["refresh_token"] != before
    ada.do("client.auth.refreshSession()")
    assert ada.page.evaluate("ended") == []


def test_a_stolen_token_ends_the_session_for_both_and_the_app_says_so(
    site: Site, sdk_app: App, page: Page
) -> None:
    ada = Person(page, sdk_app.at("strict"))
    ada.sign_up()
    stolen = trade(site, ada.session["refresh_token"])
    assert stolen.status_code == 200
    asleep(ada)
    ada.load()
    expect(ada.status).to_have_text("Invalid Refresh Token: Already Used")
    page.wait_for_function("ended.length")
    assert page.evaluate("ended") == ["replayed"]
    assert ada.do("client.auth.getSession()")["session"] is None
    assert trade(site, stolen.json()["refresh_token"]).status_code == 400
    backend = site.backends["strict"]
    headers = {
        "apikey": backend["anon_key"],
        "Authorization": f"Bearer {stolen.json()['access_token']}",
    }
    assert httpx.get(f"{backend['url']}/rest/v1/notes", headers=headers).status_code == 401


def trade(site: Site, token: str) -> httpx.Response:
    """What somebody does who has the token alone."""
    backend = site.backends["strict"]
    return httpx.post(
        f"{backend['url']}/auth/v1/token?grant_type=refresh_token",
        headers={"apikey": backend["anon_key"]},
        json={"refresh_token": token},
    )
