"""What holds on every hosted page: headers, CSRF, cookies, addresses, other backends.

Long, because it is the one list of what every page owes.
"""

from __future__ import annotations

import re

import pytest
from django.test import Client, override_settings
from django.urls import get_resolver, reverse
from time_machine import Traveller

from lingauth.models import Backend
from lingauth.pages import urls
from lingauth.pages.addresses import local_path
from lingauth.services import backends
from lingauth.services.context import Actor
from tests.lingauth.pages.people import PASSWORD, Answer, Person, text_of
from tests.support.totp import code_for

NAMES = [pattern.name for pattern in urls.urlpatterns]
UUID = "00000000-0000-4000-8000-000000000000"


def address(name: str, ref: str = "acme") -> str:
    kwargs = {"ref": ref}
    route = next(str(p.pattern) for p in urls.urlpatterns if p.name == name)
    kwargs |= dict.fromkeys(re.findall(r"<\w+:(\w+)>", route), UUID)
    return reverse(f"lingauth_pages:{name}", kwargs=kwargs)


def assert_hardened(answer: Answer) -> None:
    csp = answer["Content-Security-Policy"]
    for directive in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ):
        assert directive in csp.split("; ")
    assert "unsafe" not in csp
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("name", NAMES)
def test_every_address_has_the_headers_whoever_asks_and_however(mia: Person, name: str) -> None:
    for client in (Client(), mia.client, Client(enforce_csrf_checks=True)):
        for method in ("get", "post", "put", "delete", "options", "head"):
            answer = getattr(client, method)(address(name))
            assert answer.status_code < 500
            assert_hardened(answer)


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_backend_is_a_page_with_the_headers(db: None, name: str) -> None:
    client = Client()
    for answer in (client.get(address(name, "nobody")), client.post(address(name, "nobody"))):
        assert answer.status_code in (404, 405)
        assert_hardened(answer)


@pytest.mark.parametrize("name", NAMES)
def test_every_post_needs_the_csrf_token(mia: Person, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["lingauth-acme"] = mia.cookie
    before = list(Backend.objects.values()), len(mia.sessions)
    answer = client.post(address(name))
    if answer.status_code == 405:
        return
    assert answer.status_code == 403
    assert "This page was open for too long" in text_of(answer)
    assert before == (list(Backend.objects.values()), len(mia.sessions))


def test_the_whole_way_works_with_csrf_checked_and_no_script(
    backend: Backend, clock: Traveller
) -> None:
    eve = Person(backend, clock, "eve@example.com", csrf=True)

    def submit(page: str, to: str | None = None, **data: str) -> Answer:
        body = eve.get(page).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', body)
        assert token
        return eve.post(to or page, csrfmiddlewaretoken=token[1], **data)

    assert submit("sign-up", email=eve.email, password=PASSWORD).status_code == 303
    body = eve.get("mfa/setup").content.decode()
    secret = re.search(r'data-text="([A-Z2-7]{32})"', body)
    assert secret
    assert submit("mfa/setup", code=code_for(secret[1])).status_code == 303
    assert submit("mfa/recovery-codes", finish="1", saved="on").status_code == 303
    assert submit("account", to="sign-out").status_code == 303


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:evil.example",
        "account",
        "",
        "/" + "a" * 2000,
    ],
)
def test_return_to_leads_to_this_site_only(ana: Person, evil: str) -> None:
    assert local_path(evil) == ""
    assert ana.get("sign-in", return_to=evil)["Location"] == "/b/acme/account"
    ana.post("sign-out")
    page = ana.get("sign-in", return_to=evil).content.decode()
    assert "evil.example" not in page.replace("%2F", "/").split("<footer")[0]
    assert ana.sign_in(return_to=evil)["Location"] == "/b/acme/account"


@pytest.mark.parametrize(
    "fine", ["/", "/app", "/app?x=1&y=/z#part", "/b/acme/account", "/caf%C3%A9"]
)
def test_a_path_of_this_site_is_kept(fine: str) -> None:
    assert local_path(fine) == fine


def test_return_to_is_kept_through_sign_in_code_and_recovery_code(mia: Person) -> None:
    mia.post("sign-out")
    assert mia.sign_in(return_to="/app?x=1")["Location"] == (
        "/b/acme/mfa/verify?return_to=%2Fapp%3Fx%3D1"
    )
    page = mia.get("mfa/verify", return_to="/app?x=1").content.decode()
    assert 'name="return_to" value="/app?x=1"' in page
    for step in ("recovery", "help"):
        assert f"/b/acme/mfa/{step}?return_to=%2Fapp%3Fx%3D1" in page
    assert (
        mia.post("mfa/verify", code="000000", return_to="/app?x=1")
        .content.decode()
        .count('name="return_to" value="/app?x=1"')
    )
    answer = mia.post("mfa/recovery", code=mia.codes[0], return_to="/app?x=1")
    assert answer["Location"] == "/app?x=1"


def test_return_to_is_kept_through_sign_up_and_set_up(backend: Backend, clock: Traveller) -> None:
    Backend.objects.update(mfa_mode="required")
    eve = Person(backend, clock, "eve@example.com")
    assert eve.sign_up(return_to="/app")["Location"] == "/b/acme/mfa/setup?return_to=%2Fapp"
    shown = eve.set_up(return_to="/app")["Location"]
    assert shown == "/b/acme/mfa/recovery-codes?return_to=%2Fapp&done=on"
    assert 'name="return_to" value="/app"' in eve.get(shown).content.decode()


def test_another_backends_cookie_is_nobodys(mia: Person, db: None) -> None:
    backends.create_backend(ref="other", name="Other", actor=Actor.system("test"))
    thief = Client()
    thief.cookies["lingauth-other"] = mia.cookie
    assert thief.get("/b/other/account")["Location"].startswith("/b/other/sign-in?")
    assert mia.client.get("/b/other/account")["Location"].startswith("/b/other/sign-in?")


@pytest.mark.parametrize("junk", ["", "x", "A" * 76, "Zm9v", "é", "A" * 5000])
def test_a_cookie_that_is_not_ours_is_nobodys(backend: Backend, junk: str) -> None:
    client = Client()
    client.cookies["lingauth-acme"] = junk
    answer = client.get("/b/acme/account")
    assert answer.status_code == 303
    assert "/sign-in?" in answer["Location"]


def test_a_refresh_token_is_no_cookie(ana: Person) -> None:
    from lingauth.services.grants import refresh_token

    client = Client()
    client.cookies["lingauth-acme"] = refresh_token(ana.sessions[0])
    assert client.get("/b/acme/account").status_code == 303


def test_the_cookie_is_for_this_host_and_no_script(ana: Person) -> None:
    cookie = ana.client.cookies["lingauth-acme"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert cookie["max-age"] == 30 * 86400


def test_with_tls_the_cookie_is_secure_and_bound_to_the_host(
    backend: Backend, clock: Traveller
) -> None:
    with override_settings(LINGAUTH={"SITE_URL": "https://auth.example.com"}):
        eve = Person(backend, clock, "eve@example.com")
        eve.sign_up()
        assert eve.client.cookies["__Host-lingauth-acme"]["secure"]
        assert eve.get("account").status_code == 200


def test_signing_in_again_makes_another_session_and_ends_the_one_before(ana: Person) -> None:
    before, (old,) = ana.cookie, ana.sessions
    ana.sign_in()
    assert ana.cookie != before
    assert old not in ana.sessions
    assert len(ana.sessions) == 1


def test_the_theme_is_kept_and_the_page_comes_in_it(ana: Person) -> None:
    answer = ana.post("theme", theme="dark", return_to="/b/acme/account")
    assert (answer.status_code, answer["Location"]) == (303, "/b/acme/account")
    assert 'data-theme="dark"' in ana.get("account").content.decode()
    ana.post("theme", theme="system")
    assert "data-theme" not in ana.get("account").content.decode()
    ana.client.cookies["theme"] = '"><script>'
    assert "data-theme" not in ana.get("account").content.decode()


def test_no_page_has_anything_inline(mia: Person, ana: Person) -> None:
    pages = [(name, Client()) for name in ("sign-in", "sign-up", "forgot", "link")]
    pages += [(name, ana.client) for name in ("account/email", "account/again")]
    pages += [(name, ana.client) for name in ("account", "mfa/setup", "account/password")]
    pages += [(name, mia.client) for name in ("account", "mfa/recovery-codes", "mfa/help")]
    for name, client in pages:
        body = client.get(f"/b/acme/{name}").content.decode()
        assert not re.search(r"<[^>]+\s(style|on\w+)=", body)
        assert "<style" not in body
        assert not re.search(r"<script(?![^>]*\ssrc=)", body)
        assert body.count("<h1") == 1
        assert re.search(r'<html lang="en" dir="ltr"', body)


def test_every_field_has_a_label_and_every_described_thing_exists(mia: Person, ana: Person) -> None:
    answers = [Client().post(f"/b/acme/{page}") for page in ("sign-in", "sign-up", "forgot")]
    answers += [ana.post("account/email")]
    answers += [ana.post("account/password"), ana.post("mfa/recovery-codes", finish="1")]
    ana.get("mfa/setup")
    answers += [ana.post("mfa/setup", code="1"), mia.get("account")]
    for answer in answers:
        body = answer.content.decode()
        ids = re.findall(r'\sid="([^"]+)"', body)
        assert len(ids) == len(set(ids))
        for field in re.findall(r"<input(?![^>]*(?:type=\"hidden\"| hidden))[^>]*>", body):
            identity = re.search(r'\sid="([^"]+)"', field)
            assert identity
            assert f'<label for="{identity[1]}"' in body
        for group in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', body):
            assert set(group.split()) <= set(ids)


def test_a_name_cannot_break_out_of_the_page(backend: Backend, clock: Traveller) -> None:
    Backend.objects.update(name='<b>&"A')
    eve = Person(backend, clock, "eve@example.com")
    eve.sign_up()
    body = eve.get("mfa/setup").content.decode()
    assert "<b>&" not in body
    assert "&lt;b&gt;&amp;&quot;A" in body


def test_the_addresses_stand_under_the_backend() -> None:
    assert get_resolver().resolve("/b/acme/mfa/setup").view_name == "lingauth_pages:mfa_setup"
