"""Signing in by mail, and getting in without the password.

Long, because both are the same page on different errands.
"""

from __future__ import annotations

import re

import pytest
from django.test import Client
from time_machine import Traveller

from lingauth.models import Account, Backend, MailToken
from lingauth.pages.mail_words import until_next_mail
from tests.lingauth.pages.letters import (
    code_in,
    follow,
    link_in,
    mails_to,
    newest_to,
    open_and_press,
    press,
)
from tests.lingauth.pages.people import PASSWORD, Person, error_of, text_of

pytestmark = pytest.mark.once

WRONG = "That code didn't work. Enter the code of the newest mail; it works for ten minutes."
NEW = "another fine phrase"


@pytest.fixture
def out(ana: Person) -> Person:
    """Has an account, and is not signed in."""
    ana.post("sign-out")
    return ana


def ask(person: Person, **more: str) -> str:
    """Ask for a mail to sign in with. Where that leads."""
    answer = person.post("sign-in", email=person.email, password="", mail="1", **more)
    assert answer.status_code == 303, text_of(answer)
    return answer["Location"]


def forget(person: Person, **more: str) -> str:
    answer = person.post("forgot", email=person.email, **more)
    assert answer.status_code == 303, text_of(answer)
    return answer["Location"]


def wrong_code(person: Person) -> str:
    return "000000" if code_in(newest_to(person.email)) != "000000" else "000001"


def test_a_code_by_mail_signs_in_and_leads_on(out: Person) -> None:
    page = follow(out, ask(out, return_to="/app"))
    field = re.search(r'<input[^>]+name="code"[^>]*>', page.content.decode())
    assert field
    for attribute in ('autocomplete="one-time-code"', 'inputmode="numeric"'):
        assert attribute in field[0]
    answer = press(out, page, code=code_in(newest_to(out.email)))
    assert (answer.status_code, answer["Location"]) == (303, "/app")
    assert len(out.sessions) == 1


def test_the_link_of_the_same_mail_leads_to_the_same_place(out: Person) -> None:
    ask(out, return_to="/app")
    assert open_and_press(out, newest_to(out.email))["Location"] == "/app"


def test_an_unknown_address_sees_the_same_page(out: Person, clock: Traveller) -> None:
    nobody = Person(out.backend, clock, "eve@example.com")
    shown = [text_of(follow(p, ask(p))).replace(p.email, "…") for p in (out, nobody)]
    assert shown[0] == shown[1]
    assert len(mails_to(out.email)) == 1
    assert not mails_to(nobody.email)
    answer = nobody.post("code", code="123456")
    assert error_of(answer, "code") == error_of(out.post("code", code=wrong_code(out)), "code")
    assert not Account.objects.filter(email_key=nobody.email).exists()


def test_a_wrong_code_says_so_and_an_old_one_too(out: Person) -> None:
    ask(out)
    code = code_in(newest_to(out.email))
    answer = out.post("code", code=wrong_code(out))
    assert (answer.status_code, error_of(answer, "code")) == (403, WRONG)
    out.wait(601)
    assert error_of(out.post("code", code=code), "code") == WRONG
    assert error_of(out.post("code", code=""), "code") == "Enter the code from the mail."
    assert not out.sessions


def test_the_code_is_taken_only_where_it_was_asked_for(out: Person, clock: Traveller) -> None:
    ask(out)
    other = Person(out.backend, clock, out.email)
    answer = other.post("code", code=code_in(newest_to(out.email)))
    assert (answer.status_code, answer["Location"]) == (303, "/b/acme/")
    assert not out.sessions


def test_what_a_browser_keeps_names_no_address(out: Person) -> None:
    ask(out)
    kept = out.client.cookies["lingauth-mail-acme"]
    assert "ana" not in kept.value
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Strict", "/b/acme/code")


def test_another_mail_can_be_had_after_a_while_which_is_told(out: Person) -> None:
    page = follow(out, ask(out))
    assert "You can have another mail in 60 seconds." in text_of(page)
    assert "Send another mail" in text_of(page)  # pressed early, it says how long to wait
    out.wait(10)
    early = follow(out, out.post("code", again="1")["Location"])
    assert "Not sent: that would be too many mails in a short time." in text_of(early)
    assert "You can have another mail in 50 seconds." in text_of(early)
    out.wait(51)
    first = code_in(newest_to(out.email))
    assert "Send another mail" in text_of(out.get("code"))
    again = follow(out, out.post("code", again="1")["Location"])
    assert "Another mail is on its way." in text_of(again)
    assert len(mails_to(out.email)) == 2
    if first != code_in(newest_to(out.email)):
        assert out.post("code", code=first).status_code == 403
    assert out.post("code", code=code_in(newest_to(out.email))).status_code == 303


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second."), (120, "120 seconds."), (121, "3 minutes."), (3600, "60 minutes.")],
)
def test_the_wait_is_told_in_seconds_or_minutes(seconds: int, words: str) -> None:
    assert until_next_mail(seconds) == f"You can have another mail in {words}"


def test_too_many_wrong_codes_lock(out: Person) -> None:
    ask(out)
    for _ in range(10):
        out.post("code", code=wrong_code(out))
    answer = out.post("code", code=code_in(newest_to(out.email)))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) == 900
    assert "Try again in 15 minutes" in text_of(answer)


def test_without_mail_sign_in_nobody_is_offered_it(out: Person) -> None:
    Backend.objects.update(mail_sign_in_enabled=False)
    assert "Email me a code" not in text_of(out.get("sign-in"))
    answer = out.post("sign-in", email=out.email, password="", mail="1")
    assert error_of(answer, "password") == "Enter your password."
    assert not mails_to(out.email)


def test_an_address_is_asked_for_before_a_mail(out: Person) -> None:
    answer = out.post("sign-in", email="", password="", mail="1")
    assert error_of(answer, "email") == "Enter your email address."
    assert error_of(answer, "password") == ""


def test_a_forgotten_password_is_replaced_by_code(out: Person) -> None:
    page = follow(out, forget(out, return_to="/app"))
    answer = press(out, page, code=code_in(newest_to(out.email)))
    assert answer["Location"] == "/b/acme/account/new-password?return_to=%2Fapp"
    page = follow(out, answer["Location"])
    assert b'autocomplete="new-password"' in page.content
    assert b'autocomplete="current-password"' not in page.content
    assert press(out, page, new=NEW)["Location"] == "/app"
    out.post("sign-out")
    assert out.sign_in(PASSWORD).status_code == 400
    assert out.sign_in(NEW).status_code == 303


def test_a_forgotten_password_is_replaced_by_link(out: Person) -> None:
    forget(out)
    page = follow(out, link_in(newest_to(out.email)))
    assert "Choose a new password For a•••@example.com at Acme." in text_of(page)
    page = follow(out, press(out, page)["Location"])
    assert press(out, page, new=NEW)["Location"] == "/b/acme/account?done=password"


def test_a_new_password_ends_the_other_sessions(out: Person, clock: Traveller) -> None:
    other = Person(out.backend, clock, out.email)
    other.sign_in()
    forget(out)
    page = follow(out, open_and_press(out, newest_to(out.email))["Location"])
    press(out, page, new=NEW)
    assert len(out.sessions) == 1
    assert other.get("account").status_code == 303


def test_forgetting_looks_the_same_for_an_unknown_address(out: Person, clock: Traveller) -> None:
    nobody = Person(out.backend, clock, "eve@example.com")
    shown = [text_of(follow(p, forget(p))).replace(p.email, "…") for p in (out, nobody)]
    assert shown[0] == shown[1]
    assert not mails_to(nobody.email)


def test_with_a_factor_the_code_comes_before_the_new_password(mia: Person) -> None:
    mia.post("sign-out")
    forget(mia)
    answer = open_and_press(mia, newest_to(mia.email))
    way = "/b/acme/mfa/verify?return_to=%2Fb%2Facme%2Faccount%2Fnew-password"
    assert answer["Location"] == way
    assert mia.get("account/new-password")["Location"] == way, "and there is no way around it"
    assert mia.post("account/new-password", new=NEW).status_code == 303
    mia.clock.shift(30)
    page = follow(mia, way)
    answer = mia.post("mfa/verify", code=mia.code(), return_to="/b/acme/account/new-password")
    assert "Use a recovery code" in text_of(page)
    page = follow(mia, answer["Location"])
    assert press(mia, page, new=NEW)["Location"] == "/b/acme/account?done=password"


def test_with_a_recovery_code_too(mia: Person) -> None:
    mia.post("sign-out")
    forget(mia)
    open_and_press(mia, newest_to(mia.email))
    new = "/b/acme/account/new-password"
    assert mia.post("mfa/recovery", code=mia.codes[0], return_to=new)["Location"] == new
    assert press(mia, mia.client.get(new), new=NEW).status_code == 303
    assert "reset two-step verification" in text_of(mia.get("mfa/help")), "no dead end"


def test_the_password_page_is_for_those_who_know_theirs(ana: Person) -> None:
    assert ana.get("account/new-password")["Location"] == "/b/acme/account/password"
    assert ana.post("account/new-password", new=NEW)["Location"] == "/b/acme/account/password"
    page = ana.get("account/password")
    assert "I don’t know my current password" in text_of(page)
    assert ana.sign_in(PASSWORD).status_code == 303, "nothing was changed"


def test_an_account_without_a_password_sets_one(out: Person) -> None:
    user = Account.objects.get(email_key=out.email).user
    user.set_unusable_password()
    user.save()
    follow(out, ask(out))
    out.post("code", code=code_in(newest_to(out.email)))
    assert "Password None." in text_of(out.get("account"))
    assert out.get("account/password")["Location"] == "/b/acme/account/new-password"
    out.wait(601)
    asked = out.get("account/new-password")["Location"]
    assert asked == "/b/acme/account/again?return_to=%2Fb%2Facme%2Faccount%2Fnew-password"
    page = follow(out, asked)
    assert "We mail a code to ana@example.com." in text_of(page)
    sent = out.client.post(asked)
    answer = press(out, follow(out, sent["Location"]), code=code_in(newest_to(out.email)))
    assert answer["Location"] == "/b/acme/account/new-password"
    page = follow(out, answer["Location"])
    assert press(out, page, new=NEW)["Location"] == "/b/acme/account?done=password"
    out.post("sign-out")
    assert out.sign_in(NEW).status_code == 303


def test_the_same_password_again_is_told(out: Person) -> None:
    forget(out)
    page = follow(out, open_and_press(out, newest_to(out.email))["Location"])
    answer = press(out, page, new=PASSWORD)
    assert error_of(answer, "new") == "The new password is the same as the old one."
    assert error_of(press(out, page, new="short"), "new") == "This password is too short."
    assert error_of(press(out, page, new=""), "new") == "Choose a new password."


def test_nothing_of_the_way_is_on_a_strangers_page(backend: Backend) -> None:
    for path in ("account/new-password", "account/again", "account/email"):
        assert Client().get(f"/b/acme/{path}")["Location"].startswith("/b/acme/sign-in?")
    assert not MailToken.objects.exists()
