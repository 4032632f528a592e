"""An app leaves the second step to our pages: there by a ticket, back by a code."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from time_machine import Traveller

from lingauth.core.errors import ChallengeExpired, DomainError, SessionGone
from lingauth.models import Backend, Event, Flow, Session
from tests.lingauth.pages.journeys import GONE, PLACE, Journey, local, require_mfa, sid, told
from tests.lingauth.pages.people import error_of, key_on, text_of
from tests.support.app import App
from tests.support.totp import code_for


def test_a_code_at_our_page_gives_the_app_its_session_at_aal2(enrolled: App) -> None:
    require_mfa()
    assert enrolled.data().status_code == 403
    before, started = sid(enrolled), Session.objects.get(pk=sid(enrolled))
    journey = Journey(enrolled)
    page = journey.begin()
    assert "Enter your code" in text_of(page)
    back = journey.send(code_for(enrolled.secret))
    assert back["Location"].startswith(f"{PLACE}&code=")
    enrolled.keep(journey.exchange(back))
    assert enrolled.data().status_code == 200, enrolled.data().content
    assert enrolled.session["user"]["email"] == "ann@example.com"
    after = Session.objects.get(pk=sid(enrolled))
    assert str(after.pk) != before, "a step up begins a new session, as SE-04 has it"
    assert (after.created_at, after.expires_at) == (started.created_at, started.expires_at)
    assert enrolled.refresh().status_code == 200


def test_the_session_that_asked_is_over_and_that_is_written_down(enrolled: App) -> None:
    asked, old = sid(enrolled), enrolled.session
    journey = Journey(enrolled)
    journey.begin()
    enrolled.keep(journey.exchange(journey.send(code_for(enrolled.secret))))
    assert enrolled.refresh(old["refresh_token"]).status_code == 400
    assert enrolled.auth("GET", "user", token=old["access_token"]).status_code == 403
    row = Event.objects.get(kind="session_revoked")
    assert (str(row.session_id), row.data) == (asked, {"by": "step_up", "next": sid(enrolled)})
    assert len(enrolled.auth("GET", "sessions").json()["sessions"]) == 1 + 1, "and the first one"


def test_a_first_authenticator_is_set_up_on_the_way(app: App) -> None:
    require_mfa()
    journey = Journey(app)
    page = journey.begin()
    assert "Acme asks you to set up two-step verification" in text_of(page)
    codes = journey.send(code_for(key_on(page)))
    assert "Save your recovery codes" in text_of(codes)
    data = {"finish": "1", "saved": "on", "return_to": journey.return_to}
    back = journey.follow(journey.browser.post("/b/acme/mfa/recovery-codes", data))
    app.keep(journey.exchange(back))
    assert app.data().status_code == 200


def test_a_recovery_code_does_as_well(app: App) -> None:
    app.reach_aal2()
    codes = app.auth("POST", "factors/recovery-codes").json()["codes"]
    app.sign_in()
    journey = Journey(app)
    journey.begin()
    journey.here = journey.here.replace("/mfa/verify", "/mfa/recovery")
    assert journey.browser.get(journey.here).status_code == 200
    app.keep(journey.exchange(journey.send(codes[0])))
    assert amr(app) == ["mfa/recovery_code", "password"]


def amr(app: App) -> list[str]:
    return [method["method"] for method in Session.objects.get(pk=sid(app)).methods]


def test_a_code_is_asked_for_although_one_was_given_a_moment_ago(
    app: App, clock: Traveller
) -> None:
    """Else a page that asks for a recent one would be gone round in circles."""
    app.reach_aal2()
    clock.shift(60)
    journey = Journey(app)
    assert "Enter your code" in text_of(journey.begin())
    app.keep(journey.exchange(journey.send(code_for(app.secret))))


def test_a_wrong_code_stays_on_the_page(enrolled: App) -> None:
    journey = Journey(enrolled)
    journey.begin()
    page = journey.send("000000")
    assert (page.status_code, bool(error_of(page, "code"))) == (422, True)
    assert journey.send(code_for(enrolled.secret)).status_code == 303


def test_an_app_with_a_scheme_of_its_own_gets_its_code(enrolled: App) -> None:
    journey = Journey(enrolled, place="com.example.app://back")
    journey.begin()
    back = journey.send(code_for(enrolled.secret))
    assert back["Location"].startswith("com.example.app://back?code=")


def test_whoever_gives_up_comes_back_with_nothing(enrolled: App) -> None:
    journey = Journey(enrolled)
    page = journey.begin().content.decode()
    link = re.search(r'href="([^"]+)"[^>]*>Back to app\.example\.com<', page)
    assert link
    query = parse_qs(urlsplit(link[1].replace("&amp;", "&")).query)
    assert (query["error"], query["error_code"]) == (["access_denied"], ["step_up_cancelled"])
    assert "code" not in query
    assert query["tab"] == ["own"]
    assert "Sign out" not in page
    assert enrolled.auth("GET", "user").status_code == 200


def test_the_end_of_the_way_gives_no_code_below_aal2(enrolled: App) -> None:
    journey = Journey(enrolled)
    journey.begin()
    answer = journey.browser.get(journey.return_to)
    assert told(answer)["error_code"] == "step_up_cancelled"
    assert "code" not in told(answer)


def test_putting_off_a_set_up_is_giving_up(app: App) -> None:
    page = Journey(app).begin().content.decode()
    later = re.search(r'<a href="([^"]+)">Later</a>', page)
    assert later
    assert later[1].startswith("/b/acme/mfa/step-up/done?flow=")


@pytest.mark.parametrize(
    "place",
    [
        "https://elsewhere.example/",
        "https://app.example.com.elsewhere.example/notes",
        "//app.example.com/notes",
        "javascript:alert(1)",
        "https://app.example.com\\@elsewhere.example/",
        "",
    ],
)
def test_no_other_place_is_returned_to(app: App, place: str) -> None:
    answer = Journey(app, place=place).set_out()
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
    assert not Flow.objects.exists()


@pytest.mark.parametrize("missing", ["code_challenge", "code_challenge_method"])
def test_nobody_sets_out_without_pkce(app: App, missing: str) -> None:
    body = Journey(app).body()
    del body[missing]
    answer = app.auth("POST", "mfa/step-up", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
    nothing = {"redirect_to": PLACE}
    assert app.auth("POST", "mfa/step-up", nothing).status_code == 400


def test_an_anonymous_account_has_no_second_step(app: App) -> None:
    Backend.objects.update(anonymous_enabled=True)
    app.keep(app.auth("POST", "signup", {}, anonymous=True))
    assert Journey(app).set_out().status_code == 403


def test_the_ticket_leaves_no_trace_in_a_referrer(enrolled: App) -> None:
    journey = Journey(enrolled)
    answer = journey.browser.get(local(journey.set_out().json()["url"]))
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "ticket" not in answer["Location"]
    cookie = journey.browser.cookies["lingauth-flow-acme"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_looking_ahead_takes_no_ticket_and_gives_no_code(enrolled: App) -> None:
    journey = Journey(enrolled)
    address = local(journey.set_out().json()["url"])
    assert journey.browser.head(address).status_code == 405
    journey.follow(journey.browser.get(address))
    assert journey.browser.head(journey.return_to).status_code == 405


def test_a_form_of_these_pages_may_end_at_the_app(enrolled: App) -> None:
    policy = Journey(enrolled).begin()["Content-Security-Policy"]
    assert "form-action 'self' https:;" in policy
    own = Journey(enrolled, place="com.example.app://back").begin()["Content-Security-Policy"]
    assert "form-action 'self' com.example.app: https:;" in own


@pytest.mark.parametrize(
    "ticket", ["", "x", f"{uuid4()}.{'A' * 22}", "\x00", "a" * 3000], ids=str.__len__
)
def test_a_made_up_ticket_is_told(app: App, ticket: str) -> None:
    answer = Client().get("/b/acme/mfa/step-up", {"ticket": ticket})
    assert (answer.status_code, GONE in text_of(answer)) == (410, True)


@pytest.mark.parametrize("flow", ["", "x", "7f1c5a0e-3f7d-4a52-9d8e-2b6b0c9f3a11"])
def test_a_made_up_flow_is_told(app: App, flow: str) -> None:
    assert Client().get("/b/acme/mfa/step-up/done", {"flow": flow}).status_code == 410
    end = f"/b/acme/mfa/step-up/done?flow={flow}"
    assert Client().get("/b/acme/mfa/verify", {"return_to": end}).status_code == 410


def test_a_guest_is_led_to_the_code_before_anything_else(enrolled: App) -> None:
    journey = Journey(enrolled)
    journey.begin()
    codes = {"return_to": journey.return_to}
    answer = journey.browser.get("/b/acme/mfa/recovery-codes", codes)
    assert "Enter your code" in text_of(journey.follow(answer))
    assert "/mfa/verify" in journey.here
    assert journey.send(code_for(enrolled.secret)).status_code == 303


@pytest.mark.parametrize(
    ("error", "status", "there"), [(SessionGone, 410, ""), (ChallengeExpired, 303, "/b/acme/mfa?")]
)
def test_what_happens_while_a_code_is_looked_at_is_told_to_a_guest(
    enrolled: App,
    monkeypatch: pytest.MonkeyPatch,
    error: type[DomainError],
    status: int,
    there: str,
) -> None:
    def verify_any(**given: Any) -> None:
        raise error

    journey = Journey(enrolled)
    journey.begin()
    monkeypatch.setattr("lingauth.pages.verify.verification.verify_any", verify_any)
    data = {"code": code_for(enrolled.secret), "return_to": journey.return_to}
    answer = journey.browser.post(journey.here, data)
    assert answer.status_code == status
    assert answer.get("Location", "").startswith(there)
    assert status == 303 or "Back to app.example.com" in text_of(answer)
