"""Recovery codes on the screen: once."""

from __future__ import annotations

import re

import pytest

from lingauth.models import Event, RecoverySet
from tests.lingauth.pages.people import Person, codes_on, text_of


@pytest.fixture
def shown(ana: Person) -> Person:
    """Ana, in front of her new codes."""
    ana.set_up()
    return ana


def hidden_codes(person: Person) -> str:
    page = person.get("mfa/recovery-codes").content.decode()
    found = re.search(r'name="codes" value="([^"]+)"', page)
    return found[1] if found else ""


def test_the_page_may_be_loaded_again_until_finish(shown: Person) -> None:
    assert codes_on(shown.get("mfa/recovery-codes")) == shown.codes


def test_finish_needs_the_box_ticked(shown: Person) -> None:
    answer = shown.post("mfa/recovery-codes", finish="1", codes=hidden_codes(shown))
    assert answer.status_code == 422
    assert codes_on(answer) == shown.codes
    assert "Tick the box once you have saved the codes." in text_of(answer)


def test_after_finish_nobody_reads_them_again(shown: Person) -> None:
    answer = shown.finish(return_to="/app")
    assert (answer.status_code, answer["Location"]) == (303, "/app")
    page = shown.get("mfa/recovery-codes")
    assert not codes_on(page)
    assert "Make new recovery codes" in text_of(page)


def test_after_five_minutes_nobody_reads_them_again(shown: Person) -> None:
    shown.wait(300)
    assert not codes_on(shown.get("mfa/recovery-codes"))


def test_even_a_late_finish_without_the_box_keeps_the_codes_that_the_page_had(
    shown: Person,
) -> None:
    codes = hidden_codes(shown)
    shown.wait(301)
    assert codes_on(shown.post("mfa/recovery-codes", finish="1", codes=codes)) == shown.codes


def test_another_session_cannot_read_the_cookie(shown: Person) -> None:
    thief = Person(shown.backend, shown.clock, "eve@example.com")
    thief.sign_up()
    thief.set_up()
    thief.finish()
    thief.client.cookies["lingauth-codes-acme"] = shown.client.cookies["lingauth-codes-acme"].value
    assert not codes_on(thief.get("mfa/recovery-codes"))


@pytest.mark.parametrize("junk", ["", "junk", "====", "AAAA", "ÿ"])
def test_a_cookie_that_is_not_ours_shows_nothing(shown: Person, junk: str) -> None:
    shown.client.cookies["lingauth-codes-acme"] = junk
    assert not codes_on(shown.get("mfa/recovery-codes"))


def test_the_cookie_is_kept_from_scripts_and_from_other_pages(shown: Person) -> None:
    cookie = shown.client.cookies["lingauth-codes-acme"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/b/acme/mfa/recovery-codes"
    assert cookie["max-age"] == 300


def test_the_codes_are_in_no_address_cookie_or_row(shown: Person) -> None:
    for code in shown.codes:
        bare = code.replace("-", "").lower()
        for text in (code, bare):
            assert text not in shown.client.cookies.output()
            assert text not in str(list(RecoverySet.objects.values()))
            assert text not in str(list(Event.objects.values()))


def test_download_is_a_file_that_no_cache_keeps(shown: Person) -> None:
    answer = shown.post("mfa/recovery-codes/file", codes=hidden_codes(shown))
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="acme-recovery-codes.txt"'
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    text = answer.content.decode()
    assert "Acme: recovery codes for ana@example.com" in text
    assert "Sept. 1, 2026" in text
    assert re.findall(r"^ ?\d+\. (\S+)\r$", text, re.M) == shown.codes


@pytest.mark.parametrize("junk", ["", "hello", "<script>", "A" * 5000, "AAAA-AAAA"])
def test_download_gives_back_nothing_but_codes(shown: Person, junk: str) -> None:
    answer = shown.post("mfa/recovery-codes/file", codes=junk)
    assert answer.status_code == 400
    assert "Content-Disposition" not in answer


def test_making_new_ones_asks_first_and_ends_the_old(mia: Person) -> None:
    old = list(mia.codes)
    page = text_of(mia.get("mfa/recovery-codes"))
    assert "10 of your 10 codes are left. They stop working as soon as the new ones" in page
    answer = mia.post("mfa/recovery-codes", make="1")
    new = codes_on(mia.get(answer["Location"]))
    assert len(set(new) - set(old)) == 10
    mia.finish()
    mia.post("sign-out")
    mia.sign_in()
    assert mia.post("mfa/recovery", code=old[0]).status_code == 422
    assert mia.post("mfa/recovery", code=new[0]).status_code == 303


def test_making_new_ones_needs_a_fresh_code(mia: Person) -> None:
    mia.wait(601)
    assert mia.get("mfa/recovery-codes").status_code == 303
    answer = mia.post("mfa/recovery-codes", make="1")
    assert answer["Location"] == ("/b/acme/mfa/verify?return_to=%2Fb%2Facme%2Fmfa%2Frecovery-codes")
    assert RecoverySet.objects.count() == 1


def test_without_an_authenticator_there_are_none(ana: Person) -> None:
    assert ana.get("mfa/recovery-codes")["Location"] == "/b/acme/mfa/setup"
    assert ana.post("mfa/recovery-codes", make="1").status_code == 422


def test_strangers_are_sent_to_sign_in(mia: Person) -> None:
    mia.post("sign-out")
    assert mia.get("mfa/recovery-codes")["Location"].startswith("/b/acme/sign-in?")
    assert mia.post("mfa/recovery-codes/file", codes=" ".join(mia.codes)).status_code == 303
