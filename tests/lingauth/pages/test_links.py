"""Where the links of mails land. Long, because each kind of link has its ends."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import pytest
from django.test import Client
from time_machine import Traveller

from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, Event, MailToken, Session
from lingauth.pages.security import policy
from lingauth.services import mail_asks, mail_letters, new_account
from lingauth.services.context import ClientInfo
from lingauth.services.mail_tokens import Purpose
from tests.lingauth.pages.letters import follow, link_in, newest_to, open_and_press, press
from tests.lingauth.pages.people import Person, text_of

pytestmark = pytest.mark.once

APP = "https://app.example.com/in"
VERIFIER = "v" * 50


@pytest.fixture
def ana(ana: Person) -> Person:
    """Has an account, and is not signed in."""
    ana.post("sign-out")
    Backend.objects.update(redirect_urls=["https://app.example.com/**", "com.example.app://**"])
    return ana


def ask(person: Person, redirect_to: str = "", pkce: Pkce | None = None) -> str:
    """A magic link, asked for by an app. The text of its mail."""
    mail_asks.ask(
        backend=person.backend,
        purpose=Purpose.MAGICLINK,
        email=person.email,
        client=ClientInfo(),
        redirect_to=redirect_to,
        pkce=pkce,
    )
    return newest_to(person.email)


def test_looking_spends_nothing_and_the_button_signs_in(ana: Person) -> None:
    link = link_in(ask(ana))
    for _ in range(3):
        Client().head(link, follow=True)
        Client().get(link, follow=True)
    assert not ana.sessions
    page = follow(ana, link)
    assert "Sign in to Acme You sign in as a•••@example.com." in text_of(page)
    answer = press(ana, page)
    assert (answer.status_code, answer["Location"]) == (303, "/b/acme/account")
    assert "ana@example.com" in text_of(ana.get("account"))


def test_the_token_leaves_the_address_bar_at_once(ana: Person) -> None:
    link = link_in(ask(ana))
    first = ana.client.get(link)
    second = ana.client.get(first["Location"])
    assert second.status_code == 303
    assert second["Location"] == "/b/acme/link"
    assert second["Referrer-Policy"] == "no-referrer"
    kept = ana.client.cookies["lingauth-link-acme"]
    token = parse_qs(urlsplit(link).query)["token"][0]
    assert token not in kept.value
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Lax", "/b/acme/link")


def test_the_page_shows_the_token_to_nobody_but_the_form(ana: Person) -> None:
    page = follow(ana, link_in(ask(ana))).content.decode()
    outside = re.sub(r'<form class="form".*?</form>', "", page, flags=re.S)
    assert parse_qs(urlsplit(link_in(newest_to(ana.email))).query)["token"][0] not in outside
    assert not re.search(r'(?:src|href)="https?:', outside), "nothing from elsewhere"


def test_the_button_works_once(ana: Person) -> None:
    page = follow(ana, link_in(ask(ana)))
    press(ana, page)
    ana.post("sign-out")
    again = press(ana, page)
    assert again.status_code == 403
    assert "This link no longer works" in text_of(again)
    assert not ana.sessions


def test_the_button_needs_the_csrf_token(ana: Person) -> None:
    link = link_in(ask(ana))
    stranger = Client(enforce_csrf_checks=True)
    stranger.get(link, follow=True)
    token = parse_qs(urlsplit(link).query)["token"][0]
    assert stranger.post("/b/acme/link", {"token": token}).status_code == 403
    assert not ana.sessions


def test_the_page_without_a_link_says_what_to_do(ana: Person) -> None:
    answer = ana.get("link")
    assert answer.status_code == 200
    assert "Open the link from the mail again" in text_of(answer)


def test_an_old_link_says_so_before_and_after_the_button(ana: Person) -> None:
    link = link_in(ask(ana))
    page = follow(ana, link)
    ana.wait(601)
    for answer in (press(ana, page), follow(ana, link)):
        assert answer.status_code == 403
        assert "It was used already, or it is too old. Sign in to get a new one." in text_of(answer)
    assert Event.objects.filter(kind="mail_code_refused").count() == 1, "looking is no attempt"


@pytest.mark.parametrize(
    ("type", "help_", "to"),
    [
        ("recovery", "Ask for a new one.", "/b/acme/forgot"),
        ("invite", "Ask whoever invited you for another.", "/b/acme/sign-in"),
        ("email_change", "Look at your account.", "/b/acme/account"),
        ("signup", "Sign in to get a new one.", "/b/acme/sign-in"),
        ("<b>", "Sign in to get a new one.", "/b/acme/sign-in"),
    ],
)
def test_a_dead_link_shows_the_way_on(ana: Person, type: str, help_: str, to: str) -> None:
    answer = follow(ana, f"/b/acme/link?token=nonsense&type={quote(type)}")
    assert answer.status_code == 403
    assert help_ in text_of(answer)
    assert f'href="{to}"' in answer.content.decode()


def test_a_dead_link_of_somebody_who_is_signed_in_leads_on(ana: Person) -> None:
    link = link_in(ask(ana))
    press(ana, follow(ana, link))
    answer = follow(ana, link)
    assert "You are signed in." in text_of(answer)
    assert 'href="/b/acme/account"' in answer.content.decode()


def test_an_app_gets_the_session_in_the_fragment(ana: Person) -> None:
    page = follow(ana, link_in(ask(ana, APP)))
    assert "Then you go on to app.example.com ." in text_of(page)
    answer = press(ana, page)
    assert answer.status_code == 303
    url = urlsplit(answer["Location"])
    assert url._replace(fragment="").geturl() == APP
    told = dict(parse_qsl(url.fragment, keep_blank_values=True))
    assert (told["type"], told["token_type"], told["sb"]) == ("magiclink", "bearer", "")
    assert len(ana.sessions) == 1
    assert "lingauth-acme" not in answer.cookies, "the app's session is the app's"


def test_the_form_may_end_at_an_app_where_there_is_one(ana: Person) -> None:
    page = follow(ana, link_in(ask(ana, APP)))
    assert "form-action 'self' https:;" in page["Content-Security-Policy"]
    page = follow(ana, link_in(newest_to(ana.email)).split("&redirect_to")[0])
    assert "form-action 'self';" in page["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("target", "sources"),
    [
        ("https://app.example.com:8443/x?y#z", "https:"),
        ("http://localhost:3000/", "http: https:"),
        ("com.example.app://callback", "com.example.app: https:"),
        ("https://a.example; script-src *", ""),
        ("https://user@a.example/", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
    ],
)
def test_a_target_becomes_a_source_of_the_policy(target: str, sources: str) -> None:
    assert f"form-action 'self' {sources}".rstrip() in policy(form_ends_at=target).split("; ")


def test_even_a_one_step_link_to_our_own_pages_has_its_button(ana: Person) -> None:
    Backend.objects.update(one_step_links=True)
    page = follow(ana, link_in(ask(ana)))
    assert page.request["PATH_INFO"] == "/b/acme/link"
    assert press(ana, page)["Location"] == "/b/acme/account"
    ana.wait(61)
    there = ana.client.get(link_in(ask(ana, APP)))["Location"]
    assert there.startswith(f"{APP}#access_token=")


def test_an_app_with_its_own_scheme_is_returned_to(ana: Person) -> None:
    answer = open_and_press(ana, ask(ana, "com.example.app://in"))
    assert answer["Location"].startswith("com.example.app://in#access_token=")


def test_a_flow_gets_its_code_and_no_session(ana: Person) -> None:
    pkce = Pkce.parse(VERIFIER, "plain")
    answer = open_and_press(ana, ask(ana, APP, pkce))
    assert re.fullmatch(re.escape(APP) + r"\?code=[0-9a-f-]{36}", answer["Location"])
    assert not ana.sessions


def test_a_target_that_is_not_allowed_is_not_gone_to(ana: Person) -> None:
    link = link_in(ask(ana)) + "&redirect_to=" + quote("https://evil.example/")
    answer = press(ana, follow(ana, link))
    assert answer["Location"] == "/b/acme/account"


def test_a_target_changed_in_the_form_is_not_gone_to(ana: Person) -> None:
    page = follow(ana, link_in(ask(ana, APP)))
    answer = press(ana, page, redirect_to="https://evil.example/")
    assert answer["Location"] == "/b/acme/account"


def test_another_backends_page_is_no_page_of_ours(ana: Person) -> None:
    link = link_in(ask(ana)) + "&redirect_to=" + quote("http://127.0.0.1:8000/b/other/account")
    assert press(ana, follow(ana, link))["Location"] == "/b/acme/account"


def test_a_dead_link_offers_the_way_back_to_the_app(ana: Person) -> None:
    query = f"?token=nonsense&type=magiclink&redirect_to={quote(APP)}"
    body = follow(ana, f"/b/acme/link{query}").content.decode()
    href = re.search(r'href="(https://app[^"]+)"[^>]*>Back to app.example.com', body)
    assert href
    told = parse_qs(urlsplit(href[1].replace("&amp;", "&")).fragment)
    assert told["error_code"] == ["otp_expired"]
    assert told["error"] == ["access_denied"]


def test_whoever_is_signed_in_is_told_that_this_ends(ana: Person, clock: Traveller) -> None:
    text = ask(ana)
    eve = Person(ana.backend, clock, "eve@example.com")
    eve.sign_up()
    page = follow(eve, link_in(text))
    assert "You are signed in here as e•••@example.com ; that ends." in text_of(page)
    press(eve, page)
    assert not eve.sessions
    assert "ana@example.com" in text_of(eve.get("account"))


def test_an_account_with_a_factor_is_asked_for_its_code(mia: Person) -> None:
    mia.post("sign-out")
    answer = open_and_press(mia, ask(mia))
    assert answer["Location"].startswith("/b/acme/mfa/verify")
    assert mia.get("account").status_code == 303


def test_a_banned_account_is_told_so(ana: Person) -> None:
    page = follow(ana, link_in(ask(ana)))
    Account.objects.update(banned_until=ana.clock_now().replace(year=2099))
    answer = press(ana, page)
    assert answer.status_code == 403
    assert "This account is closed" in text_of(answer)
    assert not Session.objects.filter(ended_at=None).exists()


def test_an_invitation_leads_to_a_password(backend: Backend, clock: Traveller) -> None:
    account, _ = new_account.create(
        backend=backend, email="new@example.com", password=None, metadata={}, client=ClientInfo()
    )
    mail_letters.Letter(backend, account, ClientInfo()).send(Purpose.INVITE)
    new = Person(backend, clock, "new@example.com")
    page = follow(new, link_in(newest_to(new.email)))
    assert "Join Acme You were invited as n•••@example.com." in text_of(page)
    answer = press(new, page)
    assert answer["Location"].startswith("/b/acme/account/new-password")
    page = follow(new, answer["Location"])
    assert "Choose a password" in text_of(page)
    done = press(new, page, new="a fine long phrase")
    assert done["Location"].startswith("/b/acme/account")
    new.post("sign-out")
    assert new.sign_in()["Location"] == "/b/acme/account"
    assert MailToken.objects.filter(account=account, used_at=None).count() == 0
