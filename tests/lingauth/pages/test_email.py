"""Changing one's own address."""

from __future__ import annotations

import pytest
from time_machine import Traveller

from lingauth.models import Account, Backend
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

NEW = "ana@new.example"


@pytest.fixture
def ana(ana: Person) -> Person:
    """Signed in at a backend that has addresses confirmed."""
    Backend.objects.update(auto_confirm=False)
    return ana


def address() -> str:
    return Account.objects.get().email


def start(person: Person, email: str = NEW, **more: str) -> None:
    answer = person.post("account/email", email=email, **more)
    assert (answer.status_code, answer["Location"]) == (303, "/b/acme/account/email?done=asked")


def test_both_addresses_confirm(ana: Person) -> None:
    start(ana)
    assert f"{NEW} waits to be confirmed." in text_of(ana.get("account"))
    page = follow(ana, link_in(newest_to(NEW)))
    assert "Confirm your new address a•••@new.example becomes the address" in text_of(page)
    assert "One more to go This address agrees." in text_of(press(ana, page))
    assert address() == "ana@example.com"
    page = follow(ana, link_in(newest_to("ana@example.com")))
    assert "gets the address ana@new.example in place of a•••@example.com." in text_of(page)
    answer = press(ana, page)
    assert answer["Location"] == "/b/acme/account?done=email"
    assert "Your address was changed." in text_of(ana.client.get(answer["Location"]))
    assert address() == NEW
    assert len(ana.sessions) == 0, "the person's own helper looks for the old address"
    ana.email = NEW
    assert len(ana.sessions) == 1, "the session at hand goes on, and no other was left open"


def test_the_codes_of_the_mails_do_too(ana: Person) -> None:
    start(ana)
    page = ana.get("account/email")
    assert "Code sent to ana@new.example" in text_of(page)
    assert "Code sent to ana@example.com" in text_of(page)
    answer = ana.post("account/email", **{"new-code": code_in(newest_to(NEW))})
    assert answer["Location"] == "/b/acme/account/email?done=half"
    page = ana.client.get(answer["Location"])
    assert "That address agrees. One more to go." in text_of(page)
    assert "Code sent to ana@new.example" not in text_of(page)
    answer = ana.post("account/email", **{"current-code": code_in(newest_to(ana.email))})
    assert answer["Location"] == "/b/acme/account?done=email"
    assert address() == NEW


def test_a_wrong_code_is_told_at_its_field(ana: Person) -> None:
    start(ana)
    codes = {code_in(newest_to(NEW)), code_in(newest_to(ana.email))}
    wrong = next(text for text in ("000000", "000001", "000002") if text not in codes)
    answer = ana.post("account/email", **{"current-code": wrong})
    assert answer.status_code == 403
    assert error_of(answer, "current-code").startswith("That code didn't work.")
    assert error_of(answer, "new-code") == ""
    assert address() == "ana@example.com"


def test_the_new_address_alone_where_the_backend_says_so(ana: Person) -> None:
    Backend.objects.update(secure_email_change=False)
    assert "We mail a code and a link to the new address." in text_of(ana.get("account/email"))
    start(ana)
    assert not mails_to("ana@example.com")
    open_and_press(ana, newest_to(NEW))
    assert address() == NEW


def test_another_browser_is_signed_in_by_the_last_confirmation(
    ana: Person, clock: Traveller
) -> None:
    start(ana)
    other = Person(ana.backend, clock, NEW)
    open_and_press(other, newest_to("ana@example.com"))
    assert other.get("account").status_code == 303
    assert open_and_press(other, newest_to(NEW))["Location"] == "/b/acme/account?done=email"
    assert NEW in text_of(other.get("account"))


def test_a_change_can_be_let_go(ana: Person) -> None:
    start(ana)
    page = follow(ana, link_in(newest_to(NEW)))
    answer = ana.post("account/email/cancel")
    assert answer["Location"] == "/b/acme/account?done=kept"
    assert "waits to be confirmed" not in text_of(ana.get("account"))
    assert press(ana, page).status_code == 403
    assert address() == "ana@example.com"


def test_ten_minutes_after_the_sign_in_the_password_is_asked_for(ana: Person) -> None:
    assert "Current password" not in text_of(ana.get("account/email"))
    ana.wait(601)
    assert "Current password" in text_of(ana.get("account/email"))
    answer = ana.post("account/email", email=NEW, current="")
    assert error_of(answer, "current") == "Enter your current password."
    answer = ana.post("account/email", email=NEW, current="not this one")
    assert error_of(answer, "current") == "That is not your current password."
    assert not mails_to(NEW)
    start(ana, current=PASSWORD)


def test_with_a_factor_a_fresh_code_is_asked_for(mia: Person) -> None:
    mia.wait(601)
    asked = "/b/acme/mfa/verify?return_to=%2Fb%2Facme%2Faccount%2Femail"
    assert mia.get("account/email")["Location"] == asked
    assert mia.post("account/email", email=NEW)["Location"] == asked
    assert not mails_to(NEW)


def test_a_change_under_way_is_neither_seen_nor_stopped_without_the_factor(mia: Person) -> None:
    Backend.objects.update(auto_confirm=False)
    start(mia)
    mia.post("sign-out")
    mia.sign_in()
    assert "/mfa/verify" in mia.get("account/email")["Location"]
    assert "/mfa/verify" in mia.post("account/email/cancel")["Location"]
    assert Account.objects.get().new_email == NEW


def test_a_taken_address_looks_the_same(ana: Person, clock: Traveller) -> None:
    Backend.objects.update(auto_confirm=True)
    Person(ana.backend, clock, NEW).sign_up()
    Backend.objects.update(auto_confirm=False)
    start(ana)
    assert f"{NEW} waits to be confirmed." in text_of(ana.get("account"))
    assert len(mails_to(NEW)) == 1, "its owner is told"
    assert "/verify?" not in newest_to(NEW)


def test_too_many_mails_are_told_with_the_wait(ana: Person) -> None:
    start(ana)
    ana.post("account/email/cancel")
    answer = ana.post("account/email", email=NEW)
    assert answer.status_code == 429
    assert "You can have another mail in 60 seconds." in text_of(answer)


def test_where_addresses_need_no_confirmation_it_changes_at_once(ana: Person) -> None:
    Backend.objects.update(auto_confirm=True)
    answer = ana.post("account/email", email=NEW)
    assert answer["Location"] == "/b/acme/account?done=email"
    assert address() == NEW
    bad = ana.post("account/email", email="nonsense")
    assert error_of(bad, "email") == "Enter an email address, such as name@example.com."
