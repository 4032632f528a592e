"""Coming in by a provider, and the ways in that an account has."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings
from time_machine import Traveller

from lingauth.models import Backend, Identity, Provider
from lingauth.services import providers
from lingauth.services.context import Actor
from lingauth.services.social import discovery
from tests.lingauth.pages.letters import follow, press
from tests.lingauth.pages.people import Answer, Person, text_of
from tests.support.openid import CLIENT_ID, SECRET, OpenId, running

pytestmark = pytest.mark.once


@pytest.fixture
def openid(backend: Backend, settings: Settings) -> Iterator[OpenId]:
    """The backend accepts it under the name of Corp."""
    settings.LINGAUTH = {**settings.LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True}
    discovery.forget()
    with running() as provider:
        changes = {"issuer": provider.base, "client_id": CLIENT_ID, "secret": SECRET}
        actor = Actor.system("test")
        providers.save(backend=backend, name="corp", changes=changes, actor=actor)
        yield provider


def button(page: Answer) -> str:
    found = re.search(r'href="([^"]+)">Continue with Corp', page.content.decode())
    assert found, text_of(page)
    parts = urlsplit(html.unescape(found[1]))
    return f"{parts.path}?{parts.query}"


def agree(person: Person, openid: OpenId, departure: str) -> Answer:
    """Agree at the provider, and be sent back."""
    answer = person.client.get("/b/acme/auth/v1/callback", openid.consent(departure))
    assert answer.status_code in (302, 303)
    return answer


def come_in(person: Person, openid: OpenId, **query: str) -> Answer:
    """By the button of the sign-in page, up to where the pages lead in the end."""
    person.email = "ada@example.com"
    away = person.client.get(button(person.get("sign-in", **query)))
    return follow(person, agree(person, openid, away["Location"])["Location"])


def identity(person: Person, provider: str) -> Identity:
    return Identity.objects.get(account__email_key=person.email, provider=provider)


@pytest.fixture
def stranger(backend: Backend, clock: Traveller) -> Person:
    return Person(backend, clock)


def test_a_button_leads_in_and_on(stranger: Person, openid: OpenId) -> None:
    page = come_in(stranger, openid, return_to="/b/acme/account/email")
    assert page.request["PATH_INFO"] == "/b/acme/account/email"
    assert len(stranger.sessions) == 1
    assert "Ways to sign in Corp ada@example.com" in text_of(stranger.get("account"))


def test_sign_up_has_the_button_too_and_neither_without_a_provider(
    stranger: Person, openid: OpenId
) -> None:
    assert "Continue with Corp" in text_of(stranger.get("sign-up"))
    assert "Continue with Corp" in text_of(stranger.post("sign-in", email="", password=""))
    Provider.objects.update(is_enabled=False)
    for page in ("sign-in", "sign-up"):
        assert "Continue with" not in text_of(stranger.get(page))


def test_another_browser_cannot_come_in_by_the_code(stranger: Person, openid: OpenId) -> None:
    away = stranger.client.get(button(stranger.get("sign-in")))
    back = agree(stranger, openid, away["Location"])
    thief = Person(stranger.backend, stranger.clock)
    answer = thief.client.get(back["Location"])
    assert answer.status_code == 400
    assert "You are not signed in" in text_of(answer)
    assert thief.get("account").status_code == 303


def test_going_back_at_the_provider_is_told(stranger: Person, openid: OpenId) -> None:
    away = stranger.client.get(button(stranger.get("sign-in")))
    given = openid.consent(away["Location"])
    refused = {"error": "access_denied", "state": given["state"]}
    answer = stranger.client.get("/b/acme/auth/v1/callback", refused)
    page = follow(stranger, answer["Location"])
    assert "Nothing was done: you went back before the end." in text_of(page)
    assert 'href="/b/acme/sign-in?return_to' in page.content.decode()


def test_a_way_is_added_and_removed(ana: Person, openid: OpenId) -> None:
    page = ana.get("account")
    assert "Connect Corp" in text_of(page)
    assert "Remove Email" not in text_of(page), "the only way in stays"
    page = ana.get("account/identities/corp/add")
    assert "Whoever signs in there can then sign in to this account." in text_of(page)
    assert "form-action 'self' http: https:;" in page["Content-Security-Policy"]
    away = press(ana, page)
    back = agree(ana, openid, away["Location"])
    page = follow(ana, back["Location"])
    assert "You can sign in that way from now on." in text_of(page)
    mine = identity(ana, "corp")
    page = ana.get(f"account/identities/{mine.uuid}/remove")
    assert "Remove Corp?" in text_of(page)
    answer = press(ana, page)
    assert answer["Location"] == "/b/acme/account?done=unlinked"
    assert not Identity.objects.filter(provider="corp").exists()


def test_looking_at_the_question_sets_nothing_out(ana: Person, openid: OpenId) -> None:
    ana.get("account/identities/corp/add")
    assert "lingauth-flow-acme" not in ana.client.cookies


def test_a_way_is_changed_only_soon_after_signing_in(ana: Person, openid: OpenId) -> None:
    ana.wait(601)
    asked = "/b/acme/account/again?return_to=%2Fb%2Facme%2Faccount%2Fidentities%2Fcorp%2Fadd"
    assert ana.get("account/identities/corp/add")["Location"] == asked
    assert ana.post("account/identities/corp/add")["Location"] == asked


def test_with_a_factor_only_after_a_fresh_code(mia: Person, openid: OpenId) -> None:
    mia.wait(601)
    assert "/mfa/verify" in mia.get("account/identities/corp/add")["Location"]
    mine = identity(mia, "email")
    Identity.objects.create(
        backend=mia.backend, account=mine.account, provider="corp", subject="s", data={}
    )
    assert "/mfa/verify" in mia.post(f"account/identities/{mine.uuid}/remove")["Location"]
    assert Identity.objects.filter(pk=mine.pk).exists()


def test_a_way_of_somebody_else_is_not_there(ana: Person, mia: Person, openid: OpenId) -> None:
    theirs = identity(mia, "email")
    assert ana.post(f"account/identities/{theirs.uuid}/remove").status_code == 404
    assert ana.get("account/identities/nobody/add").status_code == 404


def test_where_linking_is_off_no_way_is_offered(ana: Person, openid: OpenId) -> None:
    Backend.objects.update(manual_linking_enabled=False)
    assert "Connect Corp" not in text_of(ana.get("account"))
    assert ana.post("account/identities/corp/add").status_code == 404
