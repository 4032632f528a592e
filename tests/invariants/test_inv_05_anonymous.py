"""INV-5: a request with the anon key alone is answered the same, byte for byte, on and off."""

from __future__ import annotations

import pytest

from lingauth.services.backends import NewBackend
from project.demo.models import Note
from tests.invariants.actions import require_mfa
from tests.support.app import App
from tests.support.people import Person

pytestmark = pytest.mark.django_db

REQUESTS = [
    ("GET", "notes", None),
    ("HEAD", "notes", None),
    ("OPTIONS", "notes", None),
    ("GET", "notes?select=id,title&order=id.desc&limit=1", None),
    ("GET", "notes?id=eq.0", None),
    ("GET", "notes?nothing=eq.0", None),
    ("GET", "no_such_table", None),
    ("POST", "notes", {"title": "x"}),
    ("PATCH", "notes?id=gt.0", {"title": "x"}),
    ("PUT", "notes?id=eq.1", {"title": "x"}),
    ("DELETE", "notes?id=gt.0", None),
]


@pytest.mark.parametrize("bearer", [False, True], ids=["apikey", "apikey and bearer"])
@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_the_switch_changes_no_byte_for_strangers(
    made: NewBackend, app: App, method: str, path: str, body: object, bearer: bool
) -> None:
    owner = Person.sign_up(made.backend).account
    for n in range(3):
        Note.objects.create(backend=made.backend, owner=owner, title=f"{n}", is_public=n < 2)
    answers = []
    for mode in ("optional", "required", "observe", "optional"):
        require_mfa(made.backend, mode)
        token = made.anon_key if bearer else None
        answer = app.data(method, path, body, anonymous=True, token=token)
        del answer["X-Request-Id"]  # no two answers share one, whatever the switch says
        answers.append((answer.status_code, dict(answer.items()), answer.content))
    assert answers[0][0] != 500
    assert all(answer == answers[0] for answer in answers[1:])


def test_nor_for_the_auth_routes_that_need_nobody_signed_in(made: NewBackend, app: App) -> None:
    """All but the one that tells apps what the switch says."""
    seen = []
    for mode in ("optional", "required"):
        require_mfa(made.backend, mode)
        answers = [
            app.auth("GET", path, anonymous=True)
            for path in ("health", ".well-known/jwks.json", "user", "nothing")
        ]
        seen.append([(answer.status_code, answer.content) for answer in answers])
    assert seen[0] == seen[1]
