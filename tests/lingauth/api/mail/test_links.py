"""Links: looking at one spends nothing, where it leads is judged again, and who it is mailed to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from lingauth.models import Account, MailToken
from tests.lingauth.api import contract
from tests.lingauth.api.mail.acts import (
    ANN,
    SITE,
    ask,
    by_link,
    challenge,
    follow,
    post,
    returned,
    setting,
)
from tests.support.app import PASSWORD, App
from tests.support.mailbox import letters

pytestmark = [pytest.mark.django_db, pytest.mark.once]
EVIL = "https://evil.example/catch"
INSIDE = f"{SITE}/welcome?tab=1"


def unspent() -> bool:
    return not MailToken.objects.exclude(used_at=None).exists()


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_a_link_spends_nothing(member: App, method: str) -> None:
    """Mail scanners open links; a person presses the button of the page (EM-01)."""
    letter = ask(member, "otp", **challenge())
    address = "/" + letter.link.split("/", 3)[3]
    for _ in range(5):
        answer = getattr(member.http, method)(address)
        assert answer.status_code in (204, 303)
        if method == "get":
            place, query, _ = returned(answer)
            assert place.endswith(f"/b/{member.ref}/link")
            assert query == letter.query
    assert unspent()
    contract.session(by_link(member, "magiclink", letter))


def test_with_one_step_links_a_get_spends_and_a_head_does_not(member: App) -> None:
    setting(one_step_links=True)
    letter = ask(member, "otp")
    address = "/" + letter.link.split("/", 3)[3]
    assert member.http.head(address).status_code == 303
    assert unspent()
    place, query, fragment = returned(follow(member, letter))
    assert (place.rstrip("/"), query) == (SITE, {})
    assert fragment.keys() == {
        "access_token", "expires_at", "expires_in", "refresh_token", "sb", "token_type", "type",
    }  # fmt: skip
    assert (fragment["type"], fragment["token_type"], fragment["sb"]) == ("magiclink", "bearer", "")
    assert member.auth("GET", "user", token=fragment["access_token"]).status_code == 200
    _, query, fragment = returned(follow(member, letter))
    assert query == {}
    assert fragment == {
        "error": "access_denied",
        "error_code": "otp_expired",
        "error_description": "Email link is invalid or has expired",
        "sb": "",
    }


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_spend_nothing(member: App, method: str) -> None:
    setting(one_step_links=True)
    letter = ask(member, "otp")
    address = "/" + letter.link.split("/", 3)[3]
    assert getattr(member.http, method)(address).status_code == 405
    assert unspent()


@pytest.mark.parametrize("target", [INSIDE, SITE])
def test_it_returns_to_where_the_app_asked(member: App, target: str) -> None:
    setting(one_step_links=True)
    letter = ask(member, f"otp?{urlencode({'redirect_to': target})}")
    assert letter.query["redirect_to"] == target
    assert follow(member, letter)["Location"].startswith(f"{target}#access_token=")


def test_a_place_that_is_not_allowed_is_no_place_to_return_to(member: App) -> None:
    setting(one_step_links=True)
    letter = ask(member, f"otp?{urlencode({'redirect_to': EVIL})}")
    assert letter.query["redirect_to"] == SITE


@pytest.mark.parametrize("spent", [False, True])
def test_it_is_judged_again_when_the_link_is_followed(member: App, spent: bool) -> None:
    """The address is in the link, where anybody can write."""
    setting(one_step_links=True)
    letter = ask(member, f"otp?{urlencode({'redirect_to': INSIDE})}")
    if spent:
        contract.session(by_link(member, "magiclink", letter))
    forged = urlencode(letter.query | {"redirect_to": EVIL})
    answer = member.http.get(f"/b/{member.ref}/auth/v1/verify?{forged}")
    assert answer["Location"].startswith(SITE)
    setting(redirect_urls=[], site_url="https://elsewhere.example")
    letter = ask(member, "otp")
    allowed_before = urlencode(letter.query | {"redirect_to": INSIDE})
    answer = member.http.get(f"/b/{member.ref}/auth/v1/verify?{allowed_before}")
    assert answer["Location"].startswith("https://elsewhere.example#access_token=")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost"},
        {"x-forwarded-host": "evil.example"},
        {"forwarded": "host=evil.example"},
        {"origin": "https://evil.example"},
        {"referer": EVIL},
        {"x-forwarded-proto": "ftp", "x-forwarded-port": "1"},
    ],
)
def test_links_are_made_from_the_settings_alone(
    member: App, settings: Any, headers: dict[str, str]
) -> None:
    """Whatever a request says of where it came to (EM-06)."""
    plain = ask(member, "recover").link.partition("?")[0]
    sent = {"apikey": member.anon_key, **headers}
    body = {"email": ANN}
    answer = member.auth("POST", "recover", body, anonymous=True, headers=sent)
    assert answer.status_code == 200
    letter = letters(ANN)[-1]
    assert letter.link.partition("?")[0] == plain
    assert plain.startswith(settings.LINGAUTH["SITE_URL"])
    assert "evil" not in letter.body


@pytest.mark.parametrize(
    "email",
    [
        [ANN, "eve@example.com"],
        {"0": ANN},
        f"{ANN},eve@example.com",
        f"{ANN};eve@example.com",
        f"{ANN} eve@example.com",
        f"{ANN}\r\nBcc: eve@example.com",
        f"{ANN}%0abcc:eve@example.com",
        f"<{ANN}>",
        f"Ann <{ANN}>",
        f"{ANN}\u2028",
        12,
        True,
    ],
)
def test_a_mail_has_one_address(member: App, email: Any) -> None:
    before = letters()
    for path in ("signup", "otp", "recover", "resend"):
        answer = post(member, path, email=email, password=PASSWORD, type="signup")
        contract.refused(answer, 400, "validation_failed")
    answer = member.auth("PUT", "user", {"email": email})
    contract.refused(answer, 400, "validation_failed")
    assert letters() == before
    assert Account.objects.count() == 1


def test_a_mail_goes_to_the_address_that_is_stored(member: App) -> None:
    """Not to the one that was typed, which a look-up may have taken for the same (EM-10)."""
    assert post(member, "recover", email="Ann@EXAMPLE.com").status_code == 200
    assert letters()[-1].to == ANN
