"""Signing in with a factor: a code, a recovery code, and what happens when neither is right."""

from __future__ import annotations

import re

import pytest

from lingauth.models import GuessLimit, RecoveryCode
from tests.lingauth.pages.people import Person, alert_of, error_of, key_on, text_of
from tests.support.totp import code_for


@pytest.fixture
def back(mia: Person) -> Person:
    """Mia, who signed in again and was not asked for her code yet."""
    mia.post("sign-out")
    mia.wait(60)
    mia.sign_in()
    return mia


def test_sign_in_leads_to_the_code_whatever_the_switch_says(mia: Person) -> None:
    mia.post("sign-out")
    assert mia.sign_in()["Location"] == "/b/acme/mfa/verify"


def test_nothing_of_the_account_is_seen_before_the_code(back: Person) -> None:
    assert back.get("account")["Location"] == "/b/acme/mfa/verify"
    assert back.get("mfa/setup").status_code == 303
    assert back.get("mfa/recovery-codes").status_code == 303
    assert back.get("account/password").status_code == 303


def test_the_page_says_who_and_which_without_the_whole_address(back: Person) -> None:
    page = text_of(back.get("mfa/verify"))
    assert "m•••@example.com" in page
    assert "mia@example.com" not in page
    assert "From Authenticator app, for Acme." in page
    assert "Use a recovery code" in page
    assert "I can’t use either" in page


def test_the_code_raises_the_session_and_changes_the_cookie(back: Person) -> None:
    before = back.cookie
    answer = back.verify()
    assert (answer.status_code, answer["Location"]) == (303, "/b/acme/account")
    assert back.cookie != before
    assert back.get("account").status_code == 200


def test_a_wrong_code_is_told_and_kept_in_the_field(back: Person) -> None:
    answer = back.post("mfa/verify", code="000000")
    assert answer.status_code == 422
    assert error_of(answer, "code") == (
        "That code didn't work. Enter the code that is showing in your app now."
    )
    assert 'value="000000"' in answer.content.decode()


def test_a_used_code_is_told_with_a_countdown(back: Person) -> None:
    back.verify()
    back.post("sign-out")
    back.sign_in()
    back.wait(12)
    answer = back.post("mfa/verify", code=back.code())
    assert answer.status_code == 422
    assert error_of(answer, "code") == "That code was already used. Wait for the next one."
    assert "The next code appears in 18 seconds." in text_of(answer)
    assert 'data-countdown="18"' in answer.content.decode()
    assert back.get("account").status_code == 303


def test_the_code_of_the_set_up_does_not_sign_in(mia: Person) -> None:
    code = mia.code()
    mia.post("sign-out")
    mia.sign_in()
    assert mia.post("mfa/verify", code=code).status_code == 422


def test_a_clock_that_is_off_is_named(back: Person) -> None:
    late = code_for(back.secret, back.clock_now().timestamp() - 5 * 30)
    answer = back.post("mfa/verify", code=late)
    assert error_of(answer, "code") == (
        "Your code looks out of date. Set your phone's time to automatic and try again."
    )


def test_five_wrong_codes_lock_and_point_to_the_recovery_codes(back: Person) -> None:
    for _ in range(5):
        back.post("mfa/verify", code="000000")
    locked = back.post("mfa/verify", code=back.code())
    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"
    assert alert_of(locked) == (
        "Too many attempts. Try again in 15 minutes, or use a recovery code."
    )
    assert error_of(locked, "code") == "", "a lock says nothing of the code"
    assert back.post("mfa/recovery", code=back.codes[0]).status_code == 303


def test_the_minutes_left_are_counted_in_the_right_grammar(back: Person) -> None:
    for _ in range(5):
        back.post("mfa/verify", code="000000")
    back.wait(14 * 60 + 1)
    locked = back.post("mfa/verify", code=back.code())
    assert alert_of(locked) == "Too many attempts. Try again in 1 minute, or use a recovery code."


def test_after_twenty_wrong_codes_only_a_recovery_code_is_offered(back: Person) -> None:
    for _ in range(4):
        for _ in range(5):
            back.post("mfa/verify", code="000000")
        back.wait(60 * 60)
    disabled = back.post("mfa/verify", code=back.code())
    assert alert_of(disabled) == (
        "Too many wrong codes. Use a recovery code: it brings your authenticator back."
    )
    assert back.post("mfa/recovery", code=back.codes[0]).status_code == 303
    back.sign_in()
    assert back.verify().status_code == 303


def test_a_lock_holds_in_every_session(back: Person) -> None:
    other = Person(back.backend, back.clock, back.email)
    other.sign_in()
    for person in (back, other, back, other, back):
        person.post("mfa/verify", code="000000")
    assert other.post("mfa/verify", code=back.code()).status_code == 429


@pytest.mark.parametrize("spelling", ["{}", "lower", "bare", "spaced"])
def test_a_recovery_code_works_once_however_it_is_typed(back: Person, spelling: str) -> None:
    code = back.codes[3]
    typed = {
        "{}": code,
        "lower": code.lower(),
        "bare": code.replace("-", ""),
        "spaced": f"  {code.replace('-', ' ')} ",
    }[spelling]
    before = back.cookie
    answer = back.post("mfa/recovery", code=typed)
    assert (answer.status_code, answer["Location"]) == (303, "/b/acme/account")
    assert back.cookie != before
    assert "9 of 10 left" in text_of(back.get("account"))
    back.post("sign-out")
    back.sign_in()
    again = back.post("mfa/recovery", code=typed)
    assert again.status_code == 422
    assert error_of(again, "code") == "That recovery code didn't work. Each one works only once."


def test_used_codes_are_struck_out_by_position_and_never_shown(back: Person) -> None:
    back.post("mfa/recovery", code=back.codes[3])
    page = back.get("account").content.decode()
    ticks = re.findall(r'<span class="tick( tick--used)?">(\d+)</span>', page)
    assert [position for used, position in ticks if used] == [
        str(RecoveryCode.objects.get(used_at__isnull=False).position)
    ]
    assert not any(code in page for code in back.codes)


def test_recovery_codes_lock_on_a_counter_of_their_own(back: Person) -> None:
    for _ in range(5):
        assert back.post("mfa/recovery", code="0000-0000-0000-0000").status_code == 422
    assert back.post("mfa/recovery", code=back.codes[0]).status_code == 429
    assert back.verify().status_code == 303


def test_few_codes_left_make_a_banner(back: Person) -> None:
    RecoveryCode.objects.filter(position__gt=3).update(used_at=back.clock_now())
    back.verify()
    assert "Only 3 recovery codes are left. Make new codes" in text_of(back.get("account"))
    RecoveryCode.objects.filter(position__gt=1).update(used_at=back.clock_now())
    assert "Only 1 recovery code is left." in text_of(back.get("account"))
    RecoveryCode.objects.update(used_at=back.clock_now())
    assert "You have no recovery codes left." in text_of(back.get("account"))
    back.post("sign-out")
    back.sign_in()
    page = text_of(back.get("mfa/verify"))
    assert "Use a recovery code" not in page
    assert "I can’t use my authenticator" in page


def test_another_authenticator_can_be_chosen_and_only_it_answers(mia: Person) -> None:
    mia.wait(1)
    second = key_on(mia.get("mfa/setup"))
    mia.post("mfa/setup", code=code_for(second))
    mia.post("sign-out")
    mia.wait(60)
    mia.sign_in(return_to="/app")
    page = mia.get("mfa/verify", return_to="/app")
    assert "From Authenticator app 2, for Acme." in text_of(page), "the one used last"
    link = re.search(
        r'<a href="([^"]+)">Use another authenticator: Authenticator app</a>',
        page.content.decode(),
    )
    assert link
    address = link[1].replace("&amp;", "&")
    assert "From Authenticator app, for Acme." in text_of(mia.get(address))
    assert mia.post(address, code=code_for(second)).status_code == 422
    answer = mia.post(address, code=mia.code(), return_to="/app")
    assert answer["Location"] == "/app"


def test_without_a_choice_any_authenticator_answers(mia: Person) -> None:
    mia.post("mfa/setup", code=code_for(key_on(mia.get("mfa/setup"))))
    mia.post("sign-out")
    mia.sign_in()
    assert mia.verify().status_code == 303


def test_who_has_no_factor_is_led_to_the_set_up(ana: Person) -> None:
    assert ana.get("mfa/verify")["Location"] == "/b/acme/mfa/setup"
    assert ana.get("mfa/recovery")["Location"] == "/b/acme/mfa/setup"


def test_the_help_page_is_for_people_who_signed_in(back: Person) -> None:
    assert "ask Acme to reset" in text_of(back.get("mfa/help"))
    back.post("sign-out")
    assert back.get("mfa/help").status_code == 303


def test_no_counter_is_left_after_success(back: Person) -> None:
    back.post("mfa/verify", code="000000")
    back.verify()
    assert not GuessLimit.objects.filter(kind="totp", failures__gt=0).exists()
