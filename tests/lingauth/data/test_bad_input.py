"""Whatever is sent to the data API, the answer is a 4xx in the one shape, and nothing changes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from project.demo.models import Note
from tests.lingauth.data.site import Person, Site, json_of

pytestmark = pytest.mark.django_db

DEEP = b'{"title":' + b"[" * 5000 + b"]" * 5000 + b"}"
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "broken": b'{"title":',
    "not UTF-8": b'{"title":"\xff"}',
    "UTF-16": '{"title":"x"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"id":1}',
    "NUL byte": b'{"title":"a\x00b"}',
    "escaped NUL": b'{"title":"a\\u0000b"}',
    "lone surrogate": b'{"title":"\\ud800"}',
    "deep": DEEP,
    "huge integer": b'{"title":"x","id":' + b"9" * 5000 + b"}",
    "NaN": b'{"title":NaN}',
    "Infinity": b'{"title":"x","is_public":Infinity}',
    "the same key twice": b'{"title":"x","title":"y","nothing":1}',
    "a number": b"5",
    "a string": b'"title"',
    "null": b"null",
    "lists in a list": b"[[]]",
    "a list with null": b"[null]",
    "other keys": b'[{"title":"x"},{"body":"y"}]',
    "title of another type": b'{"title":5}',
    "title is a list": b'{"title":["x"]}',
    "title too long": json.dumps({"title": "x" * 201}).encode(),
    "public is text": b'{"title":"x","is_public":"true"}',
    "owner is text": b'{"title":"x","owner":"me"}',
    "owner is a number": b'{"title":"x","owner":1}',
    "an unknown column": b'{"title":"x","secret":1}',
    "a hidden column": b'{"title":"x","updated_at":"2026-01-01"}',
    "the backend": b'{"title":"x","backend":1}',
    "a path": b'{"title":"x","owner__user__is_staff":true}',
    "a read-only column": b'{"title":"x","created_at":"2026-01-01"}',
    "the key": b'{"title":"x","id":987654}',
    "too many rows": json.dumps([{"title": "x"}] * 1001).encode(),
    "more than a mebibyte": json.dumps({"title": "x", "body": "y" * 2**20}).encode(),
}
QUERIES = (
    "id=3", "id=eq.x", "id=eq.99999999999999999999", "id=eq.%00", "title=eq.%00", "title=eq.%FF",
    "title=eq.%ED%A0%80", "secret=eq.1", "owner__user__password=like.*", "backend=eq.1",
    "backend_id=eq.1", "pk=eq.1", "select=secret", "select=owner__user", "select=owner(*)",
    "order=secret", "order=-id", "order=?", "limit=x", "limit=-1", "limit=99999999999999999999",
    "offset=x", "or=(", "or=(id.eq.1,secret.eq.2)", "title=like.%5C", "id=in.(", "is_public=is.2",
    "created_at=eq.0001-01-01T00:00:00%2B23:59", "created_at=gt.9999-12-31T23:59:59-23:59",
    "columns=secret", "on_conflict=secret", "&".join(["a=b"] * 101), "x=" + "y" * 17_000,
    "&".join(["a=b"] * 1200), "id=eq.1&id", "=", "%", "select=id&select=title",
)  # fmt: skip


@pytest.fixture
def site() -> Site:
    return Site("acme")


@pytest.fixture
def ann(site: Site) -> Person:
    person = site.person("ann")
    site.note(person, "kept", public=True)
    return person


def snapshot() -> list[Any]:
    return list(Note.objects.order_by("pk").values())


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_a_4xx_and_changes_nothing(site: Site, ann: Person, name: str) -> None:
    pk, before = Note.objects.get().pk, snapshot()
    for method in ("POST", "PATCH", "PUT"):
        path = "notes" if method == "POST" else f"notes?id=eq.{pk}"
        response = site.call(method, path, headers=site.as_user(ann.aal1), raw=BODIES[name])
        if (name, method) == ("nothing", "PATCH"):
            assert response.status_code == 204  # no change is asked for, and none is made
        else:
            assert 400 <= response.status_code < 500, method
            assert {"code", "message"} <= json_of(response).keys()
        assert snapshot() == before, method


@pytest.mark.parametrize("query", QUERIES)
def test_a_bad_query_is_a_4xx_and_changes_nothing(site: Site, ann: Person, query: str) -> None:
    before = snapshot()
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        sent = {"title": "x"} if method != "GET" else None
        response = site.call(method, f"notes?{query}", headers=site.as_user(ann.aal1), body=sent)
        assert 400 <= response.status_code < 500, method
        assert {"code", "message"} <= json_of(response).keys()
        assert "Traceback" not in response.content.decode()
        assert "SELECT" not in response.content.decode()
        assert snapshot() == before, method


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "text/csv", "multipart/form-data"],
)
def test_a_body_that_is_not_declared_as_json_is_415(
    site: Site, ann: Person, content_type: str
) -> None:
    headers = site.as_user(ann.aal1)
    raw = b'{"title":"x"}'
    response = site.call("POST", headers=headers, raw=raw, content_type=content_type)
    assert response.status_code == 415
    assert Note.objects.count() == 1


@pytest.mark.parametrize("header", ["Prefer", "Accept", "Accept-Profile", "Range", "Range-Unit"])
@pytest.mark.parametrize("value", ["", ",", "=", "a=b;c", "x" * 4000, "\xff", "return=;", "9-1,2"])
def test_odd_headers_make_no_5xx(site: Site, ann: Person, header: str, value: str) -> None:
    response = site.call("GET", headers=site.as_user(ann.aal1) | {header: value})
    assert response.status_code < 500


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    key=st.sampled_from(["id", "title", "created_at", "select", "order", "or", "limit"]),
    text=st.text(max_size=40),
    body=st.binary(max_size=60),
    method=st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE"]),
)
def test_no_input_makes_a_5xx(
    site: Site, ann: Person, key: str, text: str, body: bytes, method: str
) -> None:
    query = urlencode({key: text.encode("utf-8", "replace")})
    raw = b"" if method in ("GET", "DELETE") else body
    response = site.call(method, f"notes?{query}", headers=site.as_user(ann.aal1), raw=raw)
    assert response.status_code < 500
