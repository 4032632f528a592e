"""The published ``supabase-auth`` against a live server: what goes by mail."""

from __future__ import annotations

import pytest

from tests.clients.authenticator import enrolled
from tests.clients.browser import follow, told
from tests.clients.conftest import Site
from tests.clients.mailbox import Mailbox
from tests.clients.people import (
    APP,
    NEW_PASSWORD,
    PASSWORD,
    Person,
    address,
    new_person,
    refused,
)

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def mailbox(site: Site) -> Mailbox:
    return Mailbox(site.mail)


@pytest.fixture
def person(site: Site, mailbox: Mailbox) -> Person:
    """Somebody who confirmed their address, signed in."""
    made = new_person(site.backends["mailed"])
    answer = made.client.sign_up({"email": made.email, "password": PASSWORD})
    assert answer.session is None
    refused(
        lambda: made.client.sign_in_with_password({"email": made.email, "password": PASSWORD}),
        "email_not_confirmed",
    )
    code = mailbox.to(made.email).code
    made.client.verify_otp({"email": made.email, "token": code, "type": "signup"})
    return made


def test_a_link_signs_in(person: Person, mailbox: Mailbox) -> None:
    device = new_person(person.backend, person.email)
    options = {"email": person.email, "options": {"email_redirect_to": APP}}
    device.client.sign_in_with_otp(options)  # type: ignore[arg-type]  # a plain dictionary, as apps write it
    url = follow(mailbox.to(person.email).link)
    assert url.startswith(APP)
    device.client.initialize_from_url(url)
    assert device.session.user.email == person.email


def test_a_code_signs_in_once(person: Person, mailbox: Mailbox) -> None:
    device = new_person(person.backend, person.email)
    device.client.sign_in_with_otp({"email": person.email})
    code = mailbox.to(person.email).code
    device.client.verify_otp({"email": person.email, "token": code, "type": "email"})
    assert device.session.user.email == person.email
    refused(
        lambda: device.client.verify_otp({"email": person.email, "token": code, "type": "email"}),
        "otp_expired",
    )


def test_pkce_in_the_same_client_and_in_another(person: Person, mailbox: Mailbox) -> None:
    device, other = (new_person(person.backend, flow_type="pkce") for _ in range(2))
    for client in (device.client, other.client):
        email = person.email if client is device.client else address()
        client.sign_in_with_otp({"email": email})
    code = told(follow(mailbox.to(person.email).link))["code"]
    refused(
        lambda: other.client.exchange_code_for_session({"auth_code": code}), "bad_code_verifier"
    )
    device.client.exchange_code_for_session({"auth_code": code})
    assert device.session.user.email == person.email


def test_recovery(person: Person, mailbox: Mailbox) -> None:
    device = new_person(person.backend, person.email)
    device.client.reset_password_for_email(person.email, {"redirect_to": APP})
    device.client.initialize_from_url(follow(mailbox.to(person.email).link))
    device.client.update_user({"password": NEW_PASSWORD})
    again = new_person(person.backend)
    again.client.sign_in_with_password({"email": person.email, "password": NEW_PASSWORD})


def test_recovery_with_a_second_step(person: Person, mailbox: Mailbox) -> None:
    authenticator = enrolled(person.client)
    device = new_person(person.backend, person.email)
    device.client.reset_password_for_email(person.email)
    code = mailbox.to(person.email, "type=recovery").code
    device.client.verify_otp({"email": person.email, "token": code, "type": "recovery"})
    refused(lambda: device.client.update_user({"password": NEW_PASSWORD}), "insufficient_aal")
    authenticator.verify(device.client)
    device.client.update_user({"password": NEW_PASSWORD})


def test_a_change_of_address_is_confirmed_at_both(person: Person, mailbox: Mailbox) -> None:
    new = address()
    answer = person.client.update_user({"email": new})
    assert (answer.user.email, answer.user.new_email) == (person.email, new)
    first = person.client.verify_otp(
        {"token_hash": mailbox.to(person.email).link_token, "type": "email_change"}
    )
    assert first.session is None
    person.client.verify_otp({"email": new, "token": mailbox.to(new).code, "type": "email_change"})
    assert person.session.user.email == new


def test_an_older_session_shows_who_it_is_before_it_changes_the_password(
    person: Person, mailbox: Mailbox, site: Site
) -> None:
    site.age(person.session.access_token, minutes=11)
    refused(
        lambda: person.client.update_user({"password": NEW_PASSWORD}), "reauthentication_needed"
    )
    person.client.reauthenticate()
    nonce = mailbox.to(person.email).code
    wrong = "000000" if nonce != "000000" else "000001"
    refused(
        lambda: person.client.update_user({"password": NEW_PASSWORD, "nonce": wrong}),
        "reauthentication_not_valid",
    )
    person.client.update_user({"password": NEW_PASSWORD, "nonce": nonce})


def test_a_confirmation_is_sent_once_more(site: Site, mailbox: Mailbox) -> None:
    person = new_person(site.backends["mailed"])
    person.client.sign_up({"email": person.email, "password": PASSWORD})
    mailbox.to(person.email)
    person.client.resend({"type": "signup", "email": person.email})
    code = mailbox.to(person.email).code
    person.client.verify_otp({"email": person.email, "token": code, "type": "signup"})
