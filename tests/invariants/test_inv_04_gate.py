"""INV-4: while the switch is on, no authenticated request below ``aal2`` reads or writes data."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from lingauth import tokens
from lingauth.models import Session
from lingauth.pages.visits import cookie_name
from lingauth.services import cookies
from lingauth.services.backends import NewBackend
from project.demo.models import Note
from tests.invariants.actions import app_of, require_mfa
from tests.support.app import App
from tests.support.people import Person

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
NOTE = {"title": "x", "body": "y"}


def notes() -> list[Any]:
    return list(Note.objects.order_by("pk").values())


@pytest.fixture(params=["no factor", "factor", "fallen from aal2"])
def below(request: pytest.FixtureRequest, made: NewBackend, clock: time_machine.Traveller) -> App:
    """Somebody below the level, who owns a note, while the switch is on."""
    person = Person.sign_up(made.backend)
    Note.objects.create(backend=made.backend, owner=person.account, title="Mine", is_public=True)
    if request.param != "no factor":
        person.enrol()
    if request.param == "factor":
        person.grant = person.sign_in()
    if request.param == "fallen from aal2":
        clock.shift(3601)
    require_mfa(made.backend)
    app = app_of(made, person)
    if request.param == "fallen from aal2":
        app.keep(app.refresh())
    return app


@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_every_route_is_refused_alike_and_changes_nothing(
    below: App, method: str
) -> None:
    """What is there and what is not get the same bytes: the level is judged before anything."""
    own = Note.objects.get().pk
    before = notes()
    paths = (
        "notes",
        f"notes?id=eq.{own}",
        "notes?id=eq.999999",
        "notes?no_such_column=eq.1",
        "notes?select=((",
        "no_such_table",
        "rpc/no_such_function",
    )
    bodies = set()
    for path in paths:
        for body in (None, NOTE, [NOTE], {"owner": 1}):
            answer = below.data(method, path, body)
            assert answer.status_code == 403, (path, answer.content)
            assert 'error="insufficient_user_authentication"' in answer["WWW-Authenticate"]
            bodies.add(answer.content)
    assert len(bodies) == 1
    if method != "HEAD":
        assert b'"mfa_required"' in bodies.pop()
    assert notes() == before


def test_options_gives_no_data(below: App) -> None:
    answer = below.data("OPTIONS")
    assert b"Mine" not in answer.content


def test_an_override_of_the_method_does_not_get_around_it(below: App) -> None:
    before = notes()
    for header in ("X-HTTP-Method-Override", "X-Method-Override"):
        answer = below.data("POST", "notes", NOTE, headers={header: "GET"})
        assert answer.status_code == 403
    assert notes() == before


def test_the_page_of_the_notes_hides_and_takes_nothing(made: NewBackend, below: App) -> None:
    """The demo's page reads the same rows by another way in: it asks the same gate."""
    session = Session.objects.get(pk=tokens.read(below.session["access_token"]).session_id)
    Note.objects.update(is_public=False)
    below.http.cookies[cookie_name("acme")] = cookies.cookie_for(session)
    before = notes()
    page = below.http.get("/b/acme/notes/")
    assert b"Mine" not in page.content
    below.http.post("/b/acme/notes/", NOTE)
    assert notes() == before


def test_the_switch_bites_on_the_very_next_request(made: NewBackend) -> None:
    person = Person.sign_up(made.backend)
    app = app_of(made, person)
    for mode, status in (("required", 403), ("optional", 200), ("observe", 200)) * 3:
        require_mfa(made.backend, mode)
        assert app.data().status_code == status
