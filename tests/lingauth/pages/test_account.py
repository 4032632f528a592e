"""The account page and what is changed from it."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from lingauth.models import RecoverySet, TotpFactor
from lingauth.pages.devices import device
from tests.lingauth.pages.conftest import require_mfa
from tests.lingauth.pages.people import PASSWORD, Person, error_of, key_on, text_of
from tests.support.totp import code_for


def factor_of(person: Person) -> TotpFactor:
    return TotpFactor.objects.get(account__email_key=person.email)


def test_the_page_shows_address_factors_codes_and_sessions(mia: Person) -> None:
    page = text_of(mia.get("account"))
    assert "mia@example.com" in page
    assert "Two-step verification On" in page
    assert "Authenticator app Added 1 September 2026" in page
    assert "10 of 10 left" in page
    assert "Chrome on macOS This device Code confirmed" in page
    assert "127.0.0.1" in page


def test_without_a_factor_it_says_so_and_asks_if_required(ana: Person) -> None:
    assert "Two-step verification Not set up" in text_of(ana.get("account"))
    require_mfa(ana.backend)
    assert "Two-step verification Asked for, not set up" in text_of(ana.get("account"))


def test_a_factor_is_renamed(mia: Person) -> None:
    address = f"account/factors/{factor_of(mia).uuid}/rename"
    assert 'value="Authenticator app"' in mia.get(address).content.decode()
    assert mia.post(address, name="Work phone")["Location"] == "/b/acme/account?done=renamed"
    assert "Work phone" in text_of(mia.get("account"))


def test_a_name_that_is_taken_or_missing_is_refused(mia: Person) -> None:
    mia.post("mfa/setup", code=code_for(key_on(mia.get("mfa/setup"))))
    second = TotpFactor.objects.get(name="Authenticator app 2")
    address = f"account/factors/{second.uuid}/rename"
    taken = mia.post(address, name="Authenticator app")
    assert error_of(taken, "name") == "You have an authenticator with this name already."
    assert error_of(mia.post(address, name=" "), "name") == "Give it a name."


def test_removing_asks_first_and_the_last_one_takes_the_codes_along(mia: Person) -> None:
    address = f"account/factors/{factor_of(mia).uuid}/remove"
    page = text_of(mia.get(address))
    assert "Remove “Authenticator app”?" in page
    assert "your recovery codes stop working" in page
    assert mia.post(address)["Location"] == "/b/acme/account?done=removed"
    assert not TotpFactor.objects.exists()
    assert not RecoverySet.objects.exists()
    assert "Not set up" in text_of(mia.get("account"))


def test_removing_one_of_two_keeps_the_other_and_asks_for_its_code(mia: Person) -> None:
    second = key_on(mia.get("mfa/setup"))
    mia.post("mfa/setup", code=code_for(second))
    first = TotpFactor.objects.get(name="Authenticator app")
    mia.post(f"account/factors/{first.uuid}/remove")
    assert mia.get("account")["Location"] == "/b/acme/mfa/verify"
    mia.secret = second
    assert mia.verify().status_code == 303


@pytest.mark.parametrize("act", ["rename", "remove"])
def test_a_factor_is_changed_only_with_a_fresh_code_and_the_way_back_is_kept(
    mia: Person, act: str
) -> None:
    mia.wait(601)
    address = mia.address(f"account/factors/{factor_of(mia).uuid}/{act}")
    for answer in (mia.get(address), mia.post(address, name="Other")):
        assert answer["Location"].startswith("/b/acme/mfa/verify?return_to=%2Fb%2Facme%2Faccount")
    page = mia.get(answer["Location"])
    assert "Confirm that it is you to go on." in text_of(page)
    back = mia.verify(return_to=address)
    assert back["Location"] == address
    assert mia.get(address).status_code == 200


def test_somebody_elses_factor_is_an_unknown_one(ana: Person, mia: Person) -> None:
    ana.set_up()
    for uuid in (factor_of(mia).uuid, uuid4()):
        answer = ana.get(f"account/factors/{uuid}/remove")
        assert answer.status_code == 404
        assert "There is no such authenticator" in text_of(answer)
        assert ana.post(f"account/factors/{uuid}/remove").status_code == 404
    assert TotpFactor.objects.count() == 2


def test_another_session_is_ended(ana: Person) -> None:
    other = Person(ana.backend, ana.clock, ana.email)
    ana.wait(1)
    other.sign_in()
    mine, others = ana.sessions
    ends = re.findall(r'action="([^"]+/end)"', ana.get("account").content.decode())
    assert ends == [f"/b/acme/account/sessions/{others.pk}/end"], "not its own"
    assert ana.post(ends[0])["Location"] == "/b/acme/account?done=ended"
    assert ana.sessions == [mine]
    assert other.get("account").status_code == 303


def test_ending_another_session_never_waits_for_a_code(mia: Person) -> None:
    other = Person(mia.backend, mia.clock, mia.email)
    other.sign_in()
    mia.wait(601)
    answer = mia.post(f"account/sessions/{mia.sessions[1].pk}/end")
    assert answer["Location"] == "/b/acme/account?done=ended"
    assert len(mia.sessions) == 1


def test_somebody_elses_session_stays(ana: Person, mia: Person) -> None:
    ana.post(f"account/sessions/{mia.sessions[0].pk}/end")
    assert len(mia.sessions) == 1


def test_the_password_is_changed_and_other_sessions_end(ana: Person) -> None:
    other = Person(ana.backend, ana.clock, ana.email)
    other.sign_in()
    answer = ana.post("account/password", current=PASSWORD, new="another fine phrase")
    assert answer["Location"] == "/b/acme/account?done=password"
    assert "Your password was changed." in text_of(ana.get(answer["Location"]))
    assert other.get("account").status_code == 303
    ana.post("sign-out")
    assert ana.sign_in().status_code == 400
    assert ana.sign_in("another fine phrase").status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "field", "said"),
    [
        ("not this one", "another fine phrase", "current", "That is not your current password."),
        (PASSWORD, "short", "new", "This password is too short."),
        (PASSWORD, PASSWORD, "new", "The new password is the same as the old one."),
        ("", "another fine phrase", "current", "Enter your current password."),
    ],
)
def test_a_password_change_is_refused_in_words(
    ana: Person, current: str, new: str, field: str, said: str
) -> None:
    answer = ana.post("account/password", current=current, new=new)
    assert answer.status_code == 422
    assert error_of(answer, field) == said
    body = answer.content.decode()
    assert not any(f'value="{typed}"' in body for typed in (current, new) if typed)


def test_guessing_the_current_password_locks(ana: Person) -> None:
    for _ in range(10):
        ana.post("account/password", current="not this one", new="another fine phrase")
    answer = ana.post("account/password", current=PASSWORD, new="another fine phrase")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"


def test_a_password_is_changed_only_with_a_fresh_code(mia: Person) -> None:
    mia.wait(601)
    answer = mia.post("account/password", current=PASSWORD, new="another fine phrase")
    assert answer["Location"] == "/b/acme/mfa/verify?return_to=%2Fb%2Facme%2Faccount%2Fpassword"


def test_the_password_form_tells_password_managers_whose_it_is(ana: Person) -> None:
    body = ana.get("account/password").content.decode()
    hidden = re.search(r'<input type="text" name="username"[^>]*>', body)
    assert hidden
    assert 'value="ana@example.com"' in hidden[0]
    assert " hidden" in hidden[0]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("curl/8.9.1", "curl"),
        ("", "Unknown device"),
    ],
)
def test_devices_are_named_in_words(agent: str, words: str) -> None:
    assert device(agent) == words
