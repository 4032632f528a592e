"""The truth table of the data API: every credential × every method × switch off, observed and on.

Also: what comes before the level in the order of checks, and that nothing of the data does. Long,
because a truth table is looked at whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse

from lingauth.core import clock
from lingauth.models import Account, Session
from project.demo.models import Note
from tests.lingauth.data.site import MODES, Answer, Headers, Person, Site, bytes_of, json_of

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")


@dataclass
class World:
    """Acme with Ann (password alone) and Pat (with a factor); Other with Eve."""

    acme: Site
    other: Site
    ann: Person
    pat: Person
    eve: Person

    def notes_of(self, who: Person) -> Note:
        return Note.objects.get(owner=who.account, is_public=False)


@pytest.fixture
def world() -> World:
    acme, other = Site("acme"), Site("other")
    made = World(acme, other, acme.person("ann"), acme.proven("pat"), other.person("eve"))
    for site, who in ((acme, made.ann), (acme, made.pat), (other, made.eve)):
        site.note(who, "public", public=True)
        site.note(who, "private")
    return made


def send(world: World, method: str, headers: Headers, who: Person) -> HttpResponse:
    """The plainest request of each method on ``who``'s private note."""
    pk = world.notes_of(who).pk
    query = "" if method in ("GET", "HEAD", "POST") else f"?id=eq.{pk}"
    owner = {"owner": str(who.account.uuid)} if headers == world.acme.as_service() else {}
    bodies: dict[str, object] = {
        "POST": {"title": "new", **owner},
        "PATCH": {"title": "changed"},
        "PUT": {"id": pk, "title": "replaced"},
    }
    return world.acme.call(method, f"notes{query}", headers=headers, body=bodies.get(method))


SERVED = {"GET": 200, "HEAD": 200, "POST": 201, "PATCH": 204, "PUT": 204, "DELETE": 204}
ALLOWED: dict[str, Callable[[World], tuple[Headers, Person]]] = {
    "aal1, no factor": lambda w: (w.acme.as_user(w.ann.aal1), w.ann),
    "aal1, has a factor": lambda w: (w.acme.as_user(w.pat.aal1), w.pat),
    "aal2": lambda w: (w.acme.as_user(w.pat.aal2), w.pat),
    "service key": lambda w: (w.acme.as_service(), w.pat),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("credential", ALLOWED)
def test_a_caller_at_the_level_is_served_and_one_below_is_refused(
    world: World, credential: str, method: str
) -> None:
    headers, who = ALLOWED[credential](world)
    before = list(Note.objects.order_by("pk").values())
    for mode in MODES:
        start = transaction.savepoint()
        world.acme.switch(mode)
        response = send(world, method, headers, who)
        if mode == "required" and credential.startswith("aal1"):
            expect_refusal(response, "enroll" if "no factor" in credential else "challenge")
            assert list(Note.objects.order_by("pk").values()) == before
        else:
            assert response.status_code == SERVED[method], mode
        transaction.savepoint_rollback(start)


def expect_refusal(response: HttpResponse, step: str) -> None:
    """The answer of the gate, which names the next step."""
    assert response.status_code == 403
    challenge = 'Bearer error="insufficient_user_authentication", acr_values="aal2"'
    assert response["WWW-Authenticate"] == challenge
    assert "no-store" in response["Cache-Control"]
    if response.content:
        body = json_of(response)
        assert (body["code"], body["details"]["next"]) == ("mfa_required", step)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("with_writes", [False, True])
def test_an_anonymous_caller_gets_the_same_bytes_whatever_the_switch_says(
    world: World, method: str, with_writes: bool
) -> None:
    answers = []
    for mode in (*MODES, "optional"):
        world.acme.switch(mode)
        headers = world.acme.as_anon()
        if with_writes:
            # The clients repeat the key as the bearer when nobody is signed in.
            headers["Authorization"] = f"Bearer {world.acme.anon_key}"
        answers.append(bytes_of(send(world, method, headers, world.ann)))
    assert all(answer == answers[0] for answer in answers)
    status = answers[0][0]
    assert status == (200 if method in ("GET", "HEAD") else 401)


def test_an_anonymous_caller_reads_public_rows_alone(world: World) -> None:
    rows = json_of(world.acme.call("GET", "notes?select=title", headers=world.acme.as_anon()))
    assert rows == [{"title": "public"}, {"title": "public"}]


REFUSED: dict[str, tuple[Callable[[World], Headers], int]] = {
    "none": (lambda w: {}, 401),
    "unknown key": (lambda w: {"apikey": "lk_anon_" + "x" * 43}, 401),
    "another backend's key": (lambda w: w.other.as_anon(), 401),
    "expired token": (lambda w: w.acme.as_user(w.pat.aal2), 401),
    "malformed token": (lambda w: w.acme.as_user("not.a.token"), 401),
    "empty token": (lambda w: {"apikey": w.acme.anon_key, "Authorization": "Bearer "}, 401),
    "another backend's token": (lambda w: w.acme.as_user(w.eve.aal1), 401),
    "token of an ended session": (lambda w: w.acme.as_user(w.acme.revoked("gone")), 401),
    "the service key in a browser": (
        lambda w: w.acme.as_service() | {"Origin": "https://app.example"},
        403,
    ),
    "service key and a user's token": (
        lambda w: w.acme.as_service() | {"Authorization": f"Bearer {w.pat.aal1}"},
        400,
    ),
    "two bearers": (
        lambda w: {"apikey": w.acme.anon_key, "Authorization": f"Bearer {w.pat.aal2}, Bearer x"},
        400,
    ),
}


@pytest.mark.parametrize("credential", REFUSED)
def test_other_credentials_are_refused_the_same_whatever_the_switch_says(
    world: World, credential: str
) -> None:
    make, status = REFUSED[credential]
    headers = make(world)
    before = list(Note.objects.order_by("pk").values())
    later = timedelta(hours=credential == "expired token")
    answers: dict[str, list[Answer]] = {method: [] for method in METHODS}
    for mode in MODES:
        world.acme.switch(mode)
        for method in METHODS:
            with time_machine.travel(clock.now() + later):
                answers[method].append(bytes_of(send(world, method, headers, world.ann)))
    for method, (first, *others) in answers.items():
        assert first[0] == status, method
        assert all(answer == first for answer in others), method
        if status == 401:
            challenge = dict(first[1])["WWW-Authenticate"]
            assert ("error=" in challenge) == (credential != "none")
    assert list(Note.objects.order_by("pk").values()) == before


def test_a_token_in_the_address_beside_one_in_the_header_is_refused(world: World) -> None:
    headers = world.acme.as_user(world.pat.aal2)
    path = f"notes?access_token={world.pat.aal2}"
    for mode in MODES:
        world.acme.switch(mode)
        for method in METHODS:
            assert world.acme.call(method, path, headers=headers).status_code == 400


def test_a_deleted_account_is_refused(world: World) -> None:
    Account.objects.filter(pk=world.pat.account.pk).update(deleted_at="2026-01-01T00:00:00Z")
    for mode in MODES:
        world.acme.switch(mode)
        for method in METHODS:
            response = send(world, method, world.acme.as_user(world.pat.aal2), world.pat)
            assert response.status_code == 401
    assert Note.objects.filter(title="private").count() == 3


@pytest.mark.parametrize("path", ["notes", "notes?id=eq.x", "nothing", "rpc/anything"])
def test_options_needs_no_credentials_and_tells_nothing(world: World, path: str) -> None:
    for mode in MODES:
        world.acme.switch(mode)
        for headers in ({}, world.acme.as_user(world.ann.aal1), world.acme.as_anon()):
            response = world.acme.call("OPTIONS", path, headers=headers, body={"title": "x"})
            assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize("method", METHODS)
def test_below_the_level_nothing_of_the_data_shows(world: World, method: str) -> None:
    """Real and made-up tables, rows and columns, good and bad bodies: one and the same answer."""
    world.acme.switch("required")
    headers = world.acme.as_user(world.ann.aal1)
    pk = world.notes_of(world.pat).pk
    answers = [
        bytes_of(world.acme.call(method, path, headers=headers | extra, raw=raw))
        for path in (
            "notes", f"notes?id=eq.{pk}", "notes?id=eq.999999", "notes?id=x", "notes?secret=eq.1",
            "nothing", "rpc/anything", "notes?" + "a&" * 200,
        )
        for raw, extra in (
            (b"", {}),
            (b'{"title":"x"}', {}),
            (b"{", {}),
            (b"\xff\x00", {}),
            (b"[" * 5000, {"Prefer": "handling=strict, nonsense"}),
            (b"", {"Accept": "text/csv", "Accept-Profile": "auth", "Range": "9-1"}),
        )
    ]  # fmt: skip
    assert {answer[0] for answer in answers} == {403}
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "LINK", "X"])
def test_other_methods_are_405_after_the_gate_and_401_before(world: World, method: str) -> None:
    assert world.acme.call(method, headers={}).status_code in (401, 405)
    response = world.acme.call(method, headers=world.acme.as_user(world.pat.aal2))
    assert response.status_code == 405


def test_a_method_override_is_ignored(world: World) -> None:
    headers = world.acme.as_user(world.pat.aal2) | {"X-HTTP-Method-Override": "DELETE"}
    assert world.acme.call("GET", headers=headers).status_code == 200
    assert Note.objects.count() == 6


def test_the_switch_bites_at_the_next_request_and_lets_go_at_the_next(world: World) -> None:
    headers = world.acme.as_user(world.ann.aal1)
    seen = []
    for mode in ("optional", "required", "optional", "required"):
        world.acme.switch(mode)
        seen.append(world.acme.call("GET", headers=headers).status_code)
    assert seen == [200, 403, 200, 403]


def test_the_switch_of_one_backend_is_not_anothers(world: World) -> None:
    world.acme.switch("required")
    response = world.other.call("GET", headers=world.other.as_user(world.other.person("bo").aal1))
    assert response.status_code == 200


def test_a_session_that_ends_is_refused_at_its_next_request(world: World) -> None:
    headers = world.acme.as_user(world.pat.aal2)
    assert world.acme.call("GET", headers=headers).status_code == 200
    Session.objects.filter(account=world.pat.account).update(ended_at="2026-01-01T00:00:00Z")
    assert world.acme.call("GET", headers=headers).status_code == 401
