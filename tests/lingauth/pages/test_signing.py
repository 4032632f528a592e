"""Signing up, in and out."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from time_machine import Traveller

from lingauth.models import Account, Backend
from lingauth.services import backends
from lingauth.services.context import Actor
from tests.lingauth.pages.letters import code_in, follow, link_in, mails_to, newest_to, press
from tests.lingauth.pages.people import PASSWORD, Person, alert_of, error_of, text_of


@pytest.fixture
def stranger(backend: Backend, clock: Traveller) -> Person:
    return Person(backend, clock)


def test_signing_up_signs_in_and_leads_to_the_account(stranger: Person) -> None:
    answer = stranger.sign_up()
    assert (answer.status_code, answer["Location"]) == (303, "/b/acme/account")
    assert "ana@example.com" in text_of(stranger.get("account"))


def test_the_root_leads_to_sign_in_or_on(stranger: Person) -> None:
    assert stranger.get("")["Location"] == "/b/acme/sign-in"
    stranger.sign_up()
    assert stranger.get("")["Location"] == "/b/acme/account"


def test_wrong_password_and_unknown_address_read_the_same(ana: Person, stranger: Person) -> None:
    wrong = Person(ana.backend, ana.clock, ana.email).sign_in("not this one")
    nobody = Person(ana.backend, ana.clock, "nobody@example.com").sign_in("not this one")
    assert wrong.status_code == nobody.status_code == 400
    assert (
        alert_of(wrong) == alert_of(nobody) == ("That email and password don't match an account.")
    )


def test_a_refused_password_is_not_in_the_page(ana: Person) -> None:
    assert "not this one" not in ana.sign_in("not this one").content.decode()


def test_ten_wrong_passwords_lock_even_the_right_one(ana: Person) -> None:
    for _ in range(10):
        ana.sign_in("not this one")
    locked = ana.sign_in()
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) == 15 * 60
    assert alert_of(locked) == "Too many attempts. Try again in 15 minutes."


def test_missing_fields_are_named_and_the_first_has_the_cursor(stranger: Person) -> None:
    answer = stranger.post("sign-in", email="", password="")
    assert answer.status_code == 422
    assert error_of(answer, "email") == "Enter your email address."
    assert error_of(answer, "password") == "Enter your password."
    fields = re.findall(r"<input[^>]+autofocus[^>]*>", answer.content.decode())
    assert [re.findall(r'name="(\w+)"', field) for field in fields] == [["email"]]
    assert b"<title>Error:" in answer.content


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "This password is too short."),
        ("password12345678", "This password is easy to guess."),
        ("", "Choose a password."),
        ("x" * 257, "Use at most 256 characters."),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(
    stranger: Person, password: str, reason: str
) -> None:
    answer = stranger.post("sign-up", email=stranger.email, password=password)
    assert answer.status_code == 422
    assert error_of(answer, "password") == reason
    assert not Account.objects.exists()


def test_a_taken_address_is_told_where_sign_up_signs_in(ana: Person, stranger: Person) -> None:
    assert error_of(stranger.sign_up(), "email") == (
        "There is an account with this address. Sign in instead."
    )


def test_sign_up_is_closed_when_the_backend_says_so(stranger: Person, backend: Backend) -> None:
    Backend.objects.update(signup_enabled=False)
    assert stranger.get("sign-up").status_code == 422
    assert stranger.sign_up().status_code == 422
    assert "Create an account" not in text_of(stranger.get("sign-in"))
    assert not Account.objects.exists()


def test_password_fields_tell_password_managers_what_they_are(stranger: Person) -> None:
    assert b'autocomplete="current-password"' in stranger.get("sign-in").content
    assert b'autocomplete="new-password"' in stranger.get("sign-up").content


@pytest.fixture
def eve(clock: Traveller, db: None) -> Person:
    """Signed up where addresses have to be confirmed."""
    slow = backends.create_backend(ref="slow", name="Slow", actor=Actor.system("test")).backend
    person = Person(slow, clock, "eve@example.com")
    answer = person.sign_up(return_to="/app")
    assert (answer.status_code, answer["Location"]) == (303, "/b/slow/code?return_to=%2Fapp")
    return person


def test_an_unconfirmed_address_is_confirmed_by_its_link(eve: Person) -> None:
    page = follow(eve, link_in(newest_to(eve.email)))
    assert "That confirms e•••@example.com and signs you in to Slow." in text_of(page)
    assert Account.objects.get().email_confirmed_at is None, "opening the link confirms nothing"
    assert press(eve, page)["Location"] == "/app", "and on to where they were going"
    assert "eve@example.com" in text_of(eve.get("account"))


def test_an_unconfirmed_address_is_confirmed_by_its_code(eve: Person) -> None:
    page = follow(eve, "/b/slow/code?return_to=%2Fapp")
    assert "We sent a code and a link to eve@example.com." in text_of(page)
    answer = press(eve, page, code=code_in(newest_to(eve.email)))
    assert answer["Location"] == "/app"
    assert Account.objects.get().email_confirmed_at is not None


def test_signing_up_with_a_taken_address_looks_the_same(eve: Person) -> None:
    eve.wait(61)
    shown = []
    for email in (eve.email, "new@example.com"):
        other = Person(eve.backend, eve.clock, email)
        page = other.client.get(other.sign_up(return_to="/app")["Location"])
        shown.append(text_of(page).replace(email, "…"))
    assert shown[0] == shown[1]
    assert len(mails_to(eve.email)) == 2


def test_the_right_password_of_an_unconfirmed_address_sends_a_mail_again(eve: Person) -> None:
    eve.wait(61)
    eve.sign_in("not this one")
    assert len(mails_to(eve.email)) == 1
    assert eve.sign_in()["Location"] == "/b/slow/code"
    assert eve.sign_in()["Location"] == "/b/slow/code?done=wait"
    assert len(mails_to(eve.email)) == 2, "once, and not again within a minute"


def test_signing_up_too_often_leads_to_the_same_page(eve: Person) -> None:
    answer = eve.sign_up()
    assert answer["Location"] == "/b/slow/code?done=wait"
    assert "Not sent: that would be too many mails" in text_of(eve.client.get(answer["Location"]))
    assert len(mails_to(eve.email)) == 1


def test_signing_out_ends_the_session_on_the_server(ana: Person) -> None:
    cookie = ana.cookie
    answer = ana.post("sign-out")
    assert answer.status_code == 303
    assert answer["Clear-Site-Data"] == '"cache"'
    assert not ana.sessions
    thief = Client()
    thief.cookies["lingauth-acme"] = cookie
    assert thief.get("/b/acme/account").status_code == 303


def test_signing_out_needs_a_post(ana: Person) -> None:
    assert ana.get("sign-out").status_code == 405
    assert len(ana.sessions) == 1


def test_signing_out_of_everything_else_keeps_this(ana: Person) -> None:
    other = Person(ana.backend, ana.clock, ana.email)
    other.sign_in()
    answer = ana.post("sign-out", scope="others")
    assert answer["Location"] == "/b/acme/account?done=others"
    assert len(ana.sessions) == 1
    assert ana.get("account").status_code == 200
    assert other.get("account")["Location"].startswith("/b/acme/sign-in?")


def test_signing_out_everywhere_ends_all(ana: Person) -> None:
    Person(ana.backend, ana.clock, ana.email).sign_in()
    ana.post("sign-out", scope="global")
    assert not ana.sessions


def test_a_session_that_ended_meanwhile_asks_to_sign_in_and_keeps_the_way(ana: Person) -> None:
    for session in ana.sessions:
        type(session).objects.filter(pk=session.pk).update(expires_at=session.created_at)
    answer = ana.get("account/password")
    assert (
        answer["Location"] == "/b/acme/sign-in?return_to=%2Fb%2Facme%2Faccount%2Fpassword&done=gone"
    )
    page = ana.get(answer["Location"])
    assert "You were signed out. Sign in to continue." in text_of(page)
    again = ana.sign_in(PASSWORD, return_to="/b/acme/account/password")
    assert again["Location"] == "/b/acme/account/password"
