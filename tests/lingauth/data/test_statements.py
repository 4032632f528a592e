"""What a data request sends to the database: the gate is one statement, a read one more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lingauth.data.site import Person, Site
from tests.support.statements import counted

pytestmark = pytest.mark.django_db(transaction=True)

RETURN = {"Prefer": "return=representation"}


@pytest.fixture
def site() -> Site:
    return Site("acme")


@pytest.fixture
def ann(site: Site) -> Person:
    person = site.proven("ann")
    site.note(person, "a", public=True)
    return person


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "most"),
    [
        ("GET", "notes", None, {}, 2),
        ("HEAD", "notes", None, {"Prefer": "count=exact"}, 2),
        ("GET", "notes?limit=1", None, {"Prefer": "count=exact"}, 3),
        ("GET", "nothing", None, {}, 1),
        ("GET", "notes?id=eq.x", None, {}, 1),
        # The gate, BEGIN, INSERT, COMMIT; then the row itself, inside the transaction.
        ("POST", "notes", {"title": "x"}, {}, 4),
        ("POST", "notes", {"title": "x"}, RETURN, 5),
        ("POST", "notes", {"title": None}, {}, 1),
        ("PATCH", "notes?title=eq.a", {"body": "x"}, {}, 2),
        # The gate, BEGIN, SELECT … FOR UPDATE, UPDATE, SELECT, COMMIT.
        ("PATCH", "notes?title=eq.a", {"body": "x"}, RETURN, 6),
        # The gate, BEGIN, DELETE, COMMIT: Django's deletion has a transaction of its own.
        ("DELETE", "notes?title=eq.a", None, {}, 4),
        ("DELETE", "notes?title=eq.a", None, RETURN, 6),
        ("OPTIONS", "notes", None, {}, 0),
    ],
)
@pytest.mark.parametrize("mode", ["optional", "required"])
def test_a_request_at_the_level_stays_in_its_budget(
    site: Site,
    ann: Person,
    mode: str,
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
    most: int,
) -> None:
    site.switch(mode)
    site.call("GET", headers=site.as_user(ann.aal2))  # the keys of the backend are read once
    with counted() as statements:
        site.call(method, path, headers=site.as_user(ann.aal2) | headers, body=body)
    assert len(statements) <= most, statements


def test_an_anonymous_read_costs_the_gate_and_the_read(site: Site, ann: Person) -> None:
    site.call("GET", headers=site.as_anon())  # the key's use is noted once in five minutes
    with counted() as statements:
        assert site.call("GET", headers=site.as_anon()).status_code == 200
    assert len(statements) == 2, statements


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_refusal_costs_the_gate_alone(site: Site, ann: Person, method: str) -> None:
    site.switch("required")
    site.call("GET", headers=site.as_user(ann.aal1))
    with counted() as statements:
        response = site.call(method, headers=site.as_user(ann.aal1), body={"title": "x"})
    assert response.status_code == 403
    assert len(statements) == 1, statements
