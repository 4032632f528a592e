"""What the description says of a table is how the table answers."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.api.docs import document, tables
from lingauth.data import registry
from lingauth.services.backends import NewBackend
from tests.lingauth.api.docs.contract import invalid, schema_of
from tests.support.app import App

ROWS = {"Prefer": "return=representation"}


@pytest.fixture
def notes(made: NewBackend) -> dict[str, Any]:
    found: dict[str, Any] = document.describe(made.backend)["paths"]["/rest/v1/notes"]
    return found


def kinds(row: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in row.items()}


def test_the_examples_can_be_sent_and_come_back(
    app: App, made: NewBackend, notes: dict[str, Any]
) -> None:
    described = document.describe(made.backend)
    app.sign_up()
    body = notes["post"]["requestBody"]["content"]["application/json"]["example"]
    inserted = app.data("POST", body=body, headers=ROWS)
    changed = app.data("PATCH", f"notes?id=eq.{inserted.json()[0]['id']}", body, headers=ROWS)
    listed = app.data("GET")
    deleted = app.data("DELETE", f"notes?id=eq.{inserted.json()[0]['id']}", headers=ROWS)
    answers = {"post": inserted, "patch": changed, "get": listed, "delete": deleted}
    for method, answer in answers.items():
        response = notes[method]["responses"][str(answer.status_code)]
        assert not invalid(described, schema_of(response), answer.json()), method
        example = response["content"]["application/json"]["example"]
        assert [kinds(row) for row in answer.json()] == [kinds(row) for row in example]
        assert all(answer.json()[0][name] == value for name, value in body.items())


def test_writes_without_a_wish_for_rows_have_no_body(app: App, notes: dict[str, Any]) -> None:
    app.sign_up()
    body = tables.sample(registry.tables()[0], written=True)
    inserted = app.data("POST", body=body)
    assert (inserted.status_code, inserted.content) == (201, b"")
    key = app.data("GET", "notes?select=id").json()[0]["id"]
    changed = app.data("PATCH", f"notes?id=eq.{key}", body)
    assert (str(changed.status_code), changed.content) == ("204", b"")
    assert "content" not in notes["patch"]["responses"]["204"]


@pytest.mark.parametrize(
    ("path", "options", "method"),
    [
        ("notes?id=eq.x", {}, "get"),
        ("notes?id=what.3", {}, "get"),
        ("notes?id=eq.0", {"headers": {"Accept": "application/vnd.pgrst.object+json"}}, "get"),
        ("notes", {"headers": {"Range": "90-99", "Prefer": "count=exact"}}, "get"),
        ("notes", {"body": [1]}, "post"),
        ("notes", {"body": {"title": "x"}, "anonymous": True}, "post"),
        ("notes", {"token": "not-a-token"}, "get"),
    ],
)
def test_refusals_are_among_those_described(
    app: App, notes: dict[str, Any], path: str, options: dict[str, Any], method: str
) -> None:
    app.sign_up()
    answer = app.data(method.upper(), path, **options)
    assert answer.status_code >= 400, answer.content
    described = notes[method]["responses"][str(answer.status_code)]["description"]
    assert f"`{answer.json()['code']}`" in described
