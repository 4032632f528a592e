"""Whose browser it is, and whose session, when an app leaves the second step to our pages."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from time_machine import Traveller

from lingauth.core.clock import now
from lingauth.core.pkce import new_verifier
from lingauth.models import Account, Backend, Flow, Session
from lingauth.services import backends, flows
from lingauth.services.context import Actor
from lingauth.services.social import authorize, presets
from tests.lingauth.pages.journeys import GONE, PLACE, Journey, local, require_mfa, sid, told
from tests.lingauth.pages.people import Person, text_of
from tests.support.app import App
from tests.support.totp import code_for


def test_the_ticket_is_taken_up_by_one_browser(enrolled: App) -> None:
    journey = Journey(enrolled)
    address = local(journey.set_out().json()["url"])
    assert journey.browser.get(address).status_code == 303
    assert journey.browser.get(address).status_code == 303, "the same one may look again"
    other = Client().get(address)
    assert (other.status_code, GONE in text_of(other)) == (410, True)
    assert Session.objects.filter(account__email_key="ann@example.com").count() == 3


def test_the_pages_know_a_guest_in_their_own_browser_only(enrolled: App) -> None:
    journey = Journey(enrolled)
    journey.begin()
    other = Client().get(journey.here)
    assert (other.status_code, GONE in text_of(other)) == (410, True)
    assert "app.example.com" not in text_of(other), "whose app it is, is nobody else's business"
    data = {"code": code_for(enrolled.secret), "return_to": journey.return_to}
    assert Client().post(journey.here, data).status_code == 410
    stranger = Journey(enrolled)
    stranger.begin()
    assert stranger.browser.get(journey.here).status_code == 410, "a cookie of another flow"


def test_a_stand_in_opens_no_other_page(enrolled: App) -> None:
    journey = Journey(enrolled)
    journey.begin()
    for path in ("account", "account/password", "mfa/setup", "access-token", "mfa/recovery-codes"):
        answer = journey.browser.get(f"/b/acme/{path}")
        assert answer.status_code in (303, 405), path
        assert answer.status_code == 405 or "/sign-in" in answer["Location"], path
    carried = journey.browser.get("/b/acme/account", {"return_to": journey.return_to})
    assert "/sign-in" in carried["Location"]
    journey.send(code_for(enrolled.secret))
    assert "lingauth-acme" not in journey.browser.cookies


def test_nobody_is_signed_in_or_out_at_the_pages_by_it(enrolled: App, clock: Traveller) -> None:
    """A ticket that somebody was lured to does not put them into another account."""
    eve = Person(Backend.objects.get(), clock, "eve@example.com")
    eve.sign_up()
    journey = Journey(enrolled, browser=eve.client)
    page = journey.begin()
    assert "a•••@example.com" in text_of(page)
    journey.send(code_for(enrolled.secret))
    assert "eve@example.com" in text_of(eve.get("account"))


def test_a_guest_in_another_tab_can_go_on(enrolled: App, clock: Traveller) -> None:
    """Forms of the one tab stay good when the other has come through."""
    browser = Client(enforce_csrf_checks=True)
    one, other = Journey(enrolled, browser=browser), Journey(enrolled, browser=browser)
    one.begin()
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    other.begin()
    data = {"code": code_for(enrolled.secret), "csrfmiddlewaretoken": token}
    browser.post(one.here, data | {"return_to": one.return_to})
    clock.shift(30)
    data["code"] = code_for(enrolled.secret)
    answer = browser.post(other.here, data | {"return_to": other.return_to})
    assert answer.status_code == 303


def test_the_code_is_worth_nothing_without_the_verifier(enrolled: App) -> None:
    """Who typed a code for a ticket that a stranger made has raised nothing for them."""
    journey = Journey(enrolled)
    journey.begin()
    back = journey.send(code_for(enrolled.secret))
    answer = journey.exchange(back, code_verifier=new_verifier())
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_code_verifier")
    require_mfa()
    assert enrolled.data().status_code == 403, "the session that asked is where it was"


def test_the_session_that_asked_is_not_raised_before_the_code_is_traded(enrolled: App) -> None:
    require_mfa()
    journey = Journey(enrolled)
    journey.begin()
    journey.send(code_for(enrolled.secret))
    assert enrolled.data().status_code == 403


def test_a_code_is_traded_once_and_a_second_time_ends_what_it_gave(enrolled: App) -> None:
    journey = Journey(enrolled)
    journey.begin()
    back = journey.send(code_for(enrolled.secret))
    enrolled.keep(journey.exchange(back))
    again = journey.exchange(back)
    assert (again.status_code, again.json()["code"]) == (404, "flow_state_not_found")
    assert enrolled.auth("GET", "user").status_code == 403


def test_the_pages_are_closed_once_the_app_has_its_code(enrolled: App) -> None:
    """The stand-in is the app's session from then on."""
    journey = Journey(enrolled)
    journey.begin()
    at_the_code, return_to = journey.here, journey.return_to
    journey.send(code_for(enrolled.secret))
    closed = journey.browser.get(at_the_code)
    assert (closed.status_code, f'href="{PLACE}"' in closed.content.decode()) == (410, True)
    codes = {"return_to": return_to, "make": "1"}
    assert journey.browser.post("/b/acme/mfa/recovery-codes", codes).status_code == 410


def test_a_ticket_for_something_else_opens_nothing_here(enrolled: App) -> None:
    flow = flows.begin(
        backend=Backend.objects.get(),
        provider="google",
        pkce=None,
        redirect_to=PLACE,
        now=now(),
        id=(flow_id := uuid4()),
        private=flows.seal(flow_id, {"state": "A" * 22}),
        link_to=Account.objects.get(),
        link_session_id=sid(enrolled),
    )
    ticket = {"ticket": authorize.state_of(flow)}
    assert Client().get("/b/acme/mfa/step-up", ticket).status_code == 410


def test_a_ticket_of_ours_opens_nothing_else(enrolled: App) -> None:
    address = local(Journey(enrolled).set_out().json()["url"])
    elsewhere = address.replace("/mfa/step-up", "/auth/v1/authorize")
    assert Client().get(elsewhere).status_code == 400


def test_no_provider_has_the_name_of_these_flows() -> None:
    assert "step_up" in presets.RESERVED


def test_a_flow_has_one_stand_in(enrolled: App) -> None:
    """Of two pages that are loaded at once the later one finds what the other has made."""
    Journey(enrolled).begin()
    flow = Flow.objects.get()
    assert not Flow.objects.lend(flow.pk, session_id=uuid4())
    assert Flow.objects.get().session_id == flow.session_id


def test_the_end_of_the_way_gives_one_code(enrolled: App) -> None:
    journey = Journey(enrolled)
    journey.begin()
    back = journey.send(code_for(enrolled.secret))
    again = journey.browser.get(journey.here)
    assert (again.status_code, GONE in text_of(again)) == (410, True)
    enrolled.keep(journey.exchange(back))


Ending = Callable[[App, Traveller], object]


@pytest.mark.parametrize(
    "end",
    [
        lambda app, clock: app.auth("POST", "logout?scope=local"),
        lambda app, clock: app.auth("POST", "logout"),
        lambda app, clock: (
            app.refresh(app.session["refresh_token"])
            and [app.refresh(app.session["refresh_token"]) for _ in range(2)]
        ),
        lambda app, clock: Account.objects.update(banned_until="2030-01-01T00:00:00Z"),
    ],
    ids=["signed out", "everywhere", "replayed", "banned"],
)
@pytest.mark.parametrize("when", ["before the pages", "at the pages", "before the trade"])
def test_what_ends_the_session_ends_its_step_up(
    enrolled: App, clock: Traveller, end: Ending, when: str
) -> None:
    journey = Journey(enrolled)
    address = local(journey.set_out().json()["url"])
    if when == "before the pages":
        end(enrolled, clock)
        assert journey.browser.get(address).status_code == 410
        return
    journey.follow(journey.browser.get(address))
    if when == "at the pages":
        end(enrolled, clock)
        assert journey.send(code_for(enrolled.secret)).status_code == 410
        return
    back = journey.send(code_for(enrolled.secret))
    end(enrolled, clock)
    assert journey.exchange(back).status_code == 403


def test_a_factor_that_is_gone_before_the_trade_raises_nothing(enrolled: App) -> None:
    journey = Journey(enrolled)
    journey.begin()
    back = journey.send(code_for(enrolled.secret))
    Session.objects.all().lower()
    answer = journey.exchange(back)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_aal")


def test_the_way_takes_ten_minutes_at_most(enrolled: App, clock: Traveller) -> None:
    late, journey = Journey(enrolled), Journey(enrolled)
    address = local(late.set_out().json()["url"])
    journey.begin()
    clock.shift(10 * 60)
    assert late.browser.get(address).status_code == 410
    assert journey.send(code_for(enrolled.secret)).status_code == 410


def test_a_stand_in_that_nobody_fetched_is_soon_over(enrolled: App, clock: Traveller) -> None:
    Journey(enrolled).begin()
    assert len(enrolled.auth("GET", "sessions").json()["sessions"]) == 3
    clock.shift(11 * 60)
    enrolled.sign_in()
    assert len(enrolled.auth("GET", "sessions").json()["sessions"]) == 3, "the two, and this one"


def test_a_stand_in_is_no_recent_sign_in(app: App, clock: Traveller) -> None:
    clock.shift(20 * 60)
    app.keep(app.refresh())
    journey = Journey(app)
    journey.begin()
    row = Session.objects.latest("advanced_at")
    assert not row.is_fresh(row.advanced_at, has_factor=False)


def test_another_backend_knows_nothing_of_it(enrolled: App) -> None:
    backends.create_backend(ref="rival", name="Rival", actor=Actor.system("tests"))
    journey = Journey(enrolled)
    address = local(journey.set_out().json()["url"])
    there = address.replace("/b/acme/", "/b/rival/")
    assert journey.browser.get(there).status_code == 410
    journey.follow(journey.browser.get(address))
    assert journey.browser.get(journey.here.replace("acme", "rival")).status_code == 410
    back = journey.send(code_for(enrolled.secret))
    body = {"auth_code": told(back)["code"], "code_verifier": journey.verifier}
    rival = App("rival", "")
    answer = rival.http.post(
        "/b/rival/auth/v1/token?grant_type=pkce", body, content_type="application/json"
    )
    assert answer.status_code == 404
