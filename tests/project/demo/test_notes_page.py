"""The demo's page of notes: the data API's rows and gate, over the hosted cookie session."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from lingauth.models import Session
from lingauth.pages.visits import cookie_name
from lingauth.services import cookies
from project.demo.models import Note
from tests.lingauth.data.site import Person, Site

pytestmark = pytest.mark.django_db

ADDRESS = "/b/acme/notes/"


@pytest.fixture
def site() -> Site:
    return Site("acme")


def visitor(who: Person | None = None, *, proven: bool = False) -> Client:
    """A browser; with ``who``'s session at ``aal2`` if ``proven``, else below it."""
    browser = Client()
    if who is not None:
        sessions = Session.objects.filter(account=who.account, verified_at__isnull=not proven)
        session = sessions.get()
        browser.cookies[cookie_name("acme")] = cookies.cookie_for(session)
    return browser


def text(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def test_a_stranger_reads_the_public_notes_alone(site: Site) -> None:
    ann = site.person("ann")
    site.note(ann, "for all", public=True)
    site.note(ann, "for me")
    response = visitor().get(ADDRESS)
    assert response.status_code == 200
    assert "for all" in text(response)
    assert "for me" not in text(response)
    assert "<textarea" not in text(response)
    assert "/b/acme/sign-in?return_to=%2Fb%2Facme%2Fnotes%2F" in text(response)


def test_a_stranger_who_posts_is_sent_to_sign_in(site: Site) -> None:
    response = visitor().post(ADDRESS, {"title": "x"})
    assert response.status_code == 303
    assert response["Location"].startswith("/b/acme/sign-in?return_to=")
    assert not Note.objects.exists()


def test_a_person_adds_a_note_and_sees_it(site: Site) -> None:
    browser = visitor(ann := site.person("ann"))
    response = browser.post(ADDRESS, {"title": "Milk", "body": "two\nlitres", "is_public": "on"})
    assert (response.status_code, response["Location"]) == (303, ADDRESS)
    note = Note.objects.get()
    assert (note.owner, note.backend, note.is_public) == (ann.account, site.backend, True)
    page = text(browser.get(ADDRESS))
    assert "two<br>litres" in page
    assert page.count("Milk") == 2  # among one's own and among the public ones


def test_other_peoples_private_notes_are_not_shown(site: Site) -> None:
    site.note(site.person("bob"), "secret of bob")
    assert "secret of bob" not in text(visitor(site.person("ann")).get(ADDRESS))


def test_another_backends_cookie_is_a_strangers(site: Site) -> None:
    other = Site("other")
    eve = other.person("eve")
    site.note(site.person("ann"), "public", public=True)
    browser = Client()
    session = Session.objects.get(account=eve.account)
    browser.cookies[cookie_name("acme")] = cookies.cookie_for(session)
    response = browser.get(ADDRESS)
    assert "<textarea" not in text(response)
    assert "eve@example.com" not in text(response)


@pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": "x" * 201}, {"title": "a\x00"}])
def test_a_note_that_cannot_be_added_is_shown_again_with_what_is_wrong(
    site: Site, body: dict[str, str]
) -> None:
    response = visitor(site.person("ann")).post(ADDRESS, body)
    assert response.status_code == 422
    assert "field--wrong" in text(response)
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("has_factor", "sentence", "step"),
    [
        (False, "set up two-step verification", "/b/acme/mfa/setup"),
        (True, "enter a code", "/b/acme/mfa/verify"),
    ],
)
def test_below_the_level_one_sentence_leads_to_the_next_step(
    site: Site, has_factor: bool, sentence: str, step: str
) -> None:
    pat = site.proven("pat") if has_factor else site.person("pat")
    site.note(pat, "mine")
    site.note(pat, "for all", public=True)
    site.switch("required")
    browser = visitor(pat)
    page = text(browser.get(ADDRESS))
    assert sentence in page
    assert f'href="{step}?return_to=%2Fb%2Facme%2Fnotes%2F"' in page
    assert "for all" in page
    assert "mine" not in page
    assert "<textarea" not in page
    refused = browser.post(ADDRESS, {"title": "new"})
    assert refused.status_code == 403
    assert Note.objects.count() == 2


def test_at_the_level_the_switch_changes_nothing(site: Site) -> None:
    pat = site.proven("pat")
    site.note(pat, "mine")
    site.switch("required")
    assert "mine" in text(visitor(pat, proven=True).get(ADDRESS))


def test_the_page_is_never_stored_and_loads_nothing_from_elsewhere(site: Site) -> None:
    response = visitor().get(ADDRESS)
    assert response["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_other_methods_are_405(site: Site) -> None:
    assert visitor().delete(ADDRESS).status_code == 405


def test_an_unknown_backend_is_404(site: Site) -> None:
    assert visitor().get("/b/nowhere/notes/").status_code == 404
