"""Setting up an authenticator."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from lingauth.models import Backend, TotpFactor
from tests.lingauth.pages.conftest import require_mfa
from tests.lingauth.pages.people import Person, alert_of, codes_on, error_of, found, key_on, text_of
from tests.support.totp import code_for, secret_of

WRONG = (
    "That code didn't match. Check that you scanned the newest QR code, that your phone sets its "
    "time automatically, and enter the code that is showing now."
)


def test_key_picture_and_link_carry_the_same_secret(ana: Person) -> None:
    page = ana.get("mfa/setup")
    body = page.content.decode()
    link = html.unescape(found(r'href="(otpauth://[^"]+)"', body))
    assert secret_of(link) == key_on(page)
    assert parse_qs(urlsplit(link).query)["issuer"] == ["Acme"]
    picture = found(r'<img class="qr"[^>]+>', body)
    assert 'role="img"' in picture
    assert 'alt="' in picture
    source = found(r'src="data:image/svg\+xml,([^"]+)"', picture)
    assert unquote(source).lstrip().startswith("<")
    assert "<svg" in unquote(source)
    assert "#" not in unquote(source)


def test_the_key_is_in_groups_of_four(ana: Person) -> None:
    block = found(r'<code class="secret".*?</code>', ana.get("mfa/setup").content.decode())
    groups = re.findall(r">([A-Z2-7]+)<", block)
    assert [len(group) for group in groups] == [4] * 8


def test_there_is_one_code_field_as_phones_expect_it(ana: Person) -> None:
    field = found(r'<input[^>]+name="code"[^>]*>', ana.get("mfa/setup").content.decode())
    for attribute in (
        'type="text"',
        'inputmode="numeric"',
        'autocomplete="one-time-code"',
        'pattern="[0-9 ]*"',
        'maxlength="7"',
        'spellcheck="false"',
        'autocapitalize="off"',
        'aria-describedby="id_code_helptext"',
    ):
        assert attribute in field


def test_the_page_begins_at_its_beginning_and_goes_to_the_field_on_an_error(ana: Person) -> None:
    assert " autofocus" not in ana.get("mfa/setup").content.decode()
    answer = ana.post("mfa/setup", code="000000").content.decode()
    assert found(r'<input[^>]+name="code"[^>]*autofocus[^>]*>', answer)


def test_codes_not_saved_yet_come_before_another_set_up(ana: Person) -> None:
    ana.set_up()
    assert ana.get("mfa/setup")["Location"] == "/b/acme/mfa/recovery-codes"
    ana.finish()
    assert ana.get("mfa/setup").status_code == 200


def test_a_form_sent_twice_does_not_sign_out(ana: Person) -> None:
    before = ana.cookie
    ana.set_up()
    code, after = ana.code(), ana.cookie
    ana.client.cookies["lingauth-acme"] = before
    second = ana.post("mfa/setup", code=code)
    assert second["Location"].startswith("/b/acme/sign-in?")
    assert "lingauth-acme" not in second.cookies, "the cookie of the first answer stays"
    ana.client.cookies["lingauth-acme"] = after
    assert ana.get(second["Location"])["Location"] == "/b/acme/mfa/setup"
    assert ana.get("mfa/setup")["Location"] == "/b/acme/mfa/recovery-codes"


def test_the_secret_stays_on_reload_and_after_a_wrong_code(ana: Person) -> None:
    key = key_on(ana.get("mfa/setup"))
    assert key_on(ana.get("mfa/setup")) == key
    answer = ana.post("mfa/setup", code="000000")
    assert answer.status_code == 422
    assert key_on(answer) == key
    assert error_of(answer, "code") == WRONG
    assert "The six digits that the app shows for Acme." in text_of(answer)
    assert 'value="000000"' in answer.content.decode(), "the field keeps what was typed"
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not TotpFactor.objects.verified().exists()


def test_start_again_makes_a_new_secret_and_the_old_one_is_worth_nothing(ana: Person) -> None:
    old = key_on(ana.get("mfa/setup"))
    assert ana.post("mfa/setup/restart")["Location"] == "/b/acme/mfa/setup"
    assert key_on(ana.get("mfa/setup")) != old
    assert ana.post("mfa/setup", code=code_for(old)).status_code == 422


def test_a_set_up_that_expired_asks_to_start_again(ana: Person) -> None:
    key = key_on(ana.get("mfa/setup"))
    ana.wait(601)
    answer = ana.post("mfa/setup", code=code_for(key))
    assert answer.status_code == 422
    assert "This set-up page expired" in text_of(answer)
    assert "Start again for a new QR code." in text_of(answer)
    assert key_on(ana.get("mfa/setup")) != key


@pytest.mark.parametrize("spelling", ["{a}{b}", "{a} {b}", " {a}-{b} ", "fullwidth", "arabic"])
def test_codes_are_taken_as_people_type_them(ana: Person, spelling: str) -> None:
    code = code_for(key_on(ana.get("mfa/setup")))
    shift = {"fullwidth": 0xFF10, "arabic": 0x0660}.get(spelling)
    if shift:
        typed = "".join(chr(shift + int(digit)) for digit in code)
    else:
        typed = spelling.format(a=code[:3], b=code[3:])
    assert ana.post("mfa/setup", code=typed).status_code == 303


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "+12345", "12_345", "1" * 40])
def test_what_is_no_code_is_refused_and_costs_nothing(ana: Person, typed: str) -> None:
    ana.secret = key_on(ana.get("mfa/setup"))
    for _ in range(6):
        assert ana.post("mfa/setup", code=typed).status_code == 422
    assert ana.post("mfa/setup", code=ana.code()).status_code == 303


def test_the_right_code_raises_the_session_changes_the_cookie_and_shows_codes(ana: Person) -> None:
    before = ana.cookie
    answer = ana.set_up()
    assert answer["Location"] == "/b/acme/mfa/recovery-codes?done=on"
    assert len(set(ana.codes)) == 10
    assert "Two-step verification is on." in text_of(ana.get(answer["Location"]))
    assert ana.sessions[0].verified_at is not None
    assert ana.cookie != before
    ana.client.cookies["lingauth-acme"] = before
    assert ana.get("account")["Location"].startswith("/b/acme/sign-in?"), "the old cookie is dead"


def test_five_wrong_codes_lock_with_the_time_left(ana: Person) -> None:
    ana.secret = key_on(ana.get("mfa/setup"))
    for _ in range(5):
        assert ana.post("mfa/setup", code="000000").status_code == 422
    locked = ana.post("mfa/setup", code=ana.code())
    assert locked.status_code == 429
    assert alert_of(locked) == "Too many attempts. Try again in 15 minutes."
    assert not TotpFactor.objects.verified().exists()


def test_where_it_is_required_sign_in_leads_to_the_set_up(ana: Person, backend: Backend) -> None:
    require_mfa(backend)
    ana.post("sign-out")
    assert ana.sign_in()["Location"] == "/b/acme/mfa/setup"
    page = text_of(ana.get("mfa/setup"))
    assert "Acme asks you to set up two-step verification" in page
    assert "a stolen password alone no longer opens your account" in page
    assert "Sign out" in page
    assert "Later" not in page


def test_within_the_grace_there_is_a_deadline_and_later(ana: Person, backend: Backend) -> None:
    require_mfa(backend, mfa_grace=3 * 86400, mfa_grace_from=ana.clock_now())
    ana.post("sign-out")
    assert ana.sign_in(return_to="/app")["Location"] == "/b/acme/mfa/setup?return_to=%2Fapp"
    page = ana.get("mfa/setup", return_to="/app")
    assert "You have until 4 September 2026, 12:00 UTC." in text_of(page)
    assert '<a href="/app">Later</a>' in page.content.decode()
    ana.wait(3 * 86400)
    assert "Later" not in text_of(ana.get("mfa/setup"))


def test_where_it_is_optional_one_may_come_and_go(ana: Person) -> None:
    page = ana.get("mfa/setup")
    assert "asks you" not in text_of(page)
    assert '<a href="/b/acme/account">Later</a>' in page.content.decode()


def test_another_authenticator_needs_a_fresh_code(mia: Person) -> None:
    mia.wait(601)
    assert mia.get("mfa/setup")["Location"] == (
        "/b/acme/mfa/verify?return_to=%2Fb%2Facme%2Fmfa%2Fsetup"
    )
    assert mia.post("mfa/setup/restart")["Location"] == (
        "/b/acme/mfa/verify?return_to=%2Fb%2Facme%2Faccount"
    )
    assert TotpFactor.objects.count() == 1


def test_another_authenticator_gets_its_own_name_and_keeps_the_codes(mia: Person) -> None:
    page = mia.get("mfa/setup")
    assert "Add an authenticator" in text_of(page)
    answer = mia.post("mfa/setup", code=code_for(key_on(page)))
    assert answer["Location"] == "/b/acme/account?done=added"
    account = mia.get("account")
    assert "Authenticator app 2" in text_of(account)
    assert not codes_on(account)


def test_a_set_up_belongs_to_its_session(ana: Person) -> None:
    key = key_on(ana.get("mfa/setup"))
    other = Person(ana.backend, ana.clock, ana.email)
    other.sign_in()
    assert key_on(other.get("mfa/setup")) != key


def test_the_next_step_page_leads_apps_onward(ana: Person, mia: Person) -> None:
    assert ana.get("mfa", return_to="/app")["Location"] == "/b/acme/mfa/setup?return_to=%2Fapp"
    assert mia.get("mfa", return_to="/app")["Location"] == "/app"
    mia.wait(86400)
    assert mia.get("mfa", return_to="/app")["Location"] == "/b/acme/mfa/verify?return_to=%2Fapp"
