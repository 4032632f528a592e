"""The description is complete, valid, and each backend's own."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.settings import patched_settings
from drf_spectacular.validation import validate_schema

from lingauth.api import docs, urls
from lingauth.api.base import AuthView, UnknownRoute
from lingauth.api.docs import document, examples
from lingauth.api.docs.bodies import Body
from lingauth.api.docs.operations import OPERATIONS
from lingauth.models import Backend
from lingauth.services import backends
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.lingauth.api.docs.contract import operations

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def described() -> dict[str, Any]:
    return document.describe(Backend(ref="acme", name='Acme "& Co"'))


def routes() -> dict[str, type[AuthView]]:
    """The auth API's paths as the description writes them, and their views."""
    found = {}
    for pattern in urls.urlpatterns:
        view: Any = getattr(pattern.callback, "view_class", None)
        path = re.sub(r"<\w+:(\w+)>", r"{\1}", f"/auth/v1/{pattern.pattern}")
        if view is not UnknownRoute:
            assert issubclass(view, AuthView)
            found[path] = view
    return found


def test_every_route_and_method_of_the_auth_api_is_in_it(described: dict[str, Any]) -> None:
    known = {(path, method) for path, method, _ in operations(described)}
    for path, view in routes().items():
        for method in METHODS:
            if hasattr(view, method):
                assert (path, method) in known


def test_it_describes_nothing_that_is_not_there() -> None:
    for view, method in OPERATIONS:
        assert view in routes().values()
        assert hasattr(view, method.lower())


def test_it_is_valid_openapi(described: dict[str, Any]) -> None:
    validate_schema(described)  # type: ignore[no-untyped-call]


def test_every_operation_says_what_it_is(described: dict[str, Any]) -> None:
    found = list(operations(described))
    assert len({operation["operationId"] for _, _, operation in found}) == len(found)
    for _, _, operation in found:
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"]
        assert any(status < "400" for status in operation["responses"])
        for status, response in operation["responses"].items():
            assert status < "400" or "`" in response["description"]


def test_every_refusal_has_an_example_that_was_recorded(described: dict[str, Any]) -> None:
    """One refusal cannot be had from the notes: they have no constraint that a caller can meet."""
    made_up = set()
    text = files(docs).joinpath(examples.FILE).read_text()
    recorded = {
        row["answer"]["code"]
        for rows in json.loads(text).values()
        for row in rows
        if row["status"] >= 400
    }
    for _, _, operation in operations(described):
        for status, response in operation["responses"].items():
            if status < "400":
                continue
            shown = response["content"]["application/json"].get("examples")
            assert shown, (operation["operationId"], status)
            for example in shown.values():
                assert f"`{example['value']['code']}`" in response["description"]
                if example["value"]["code"] not in recorded:
                    made_up.add((status, example["value"]["code"]))
    assert made_up == {("409", "23000")}


def test_shown_bodies_have_no_member_that_the_view_does_not_read() -> None:
    shown = Body.__subclasses__()
    assert shown
    for body in shown:
        assert body().fields.keys() <= body.read_as().fields.keys(), body


def test_it_has_the_data_apis_tables(described: dict[str, Any]) -> None:
    assert described["paths"]["/rest/v1/notes"].keys() == set(METHODS)
    written = described["components"]["schemas"]["notes.write"]["properties"]
    assert written.keys() == {"title", "body", "is_public", "owner"}


def test_it_is_in_the_backends_own_name(described: dict[str, Any]) -> None:
    assert described["info"]["title"] == 'Acme "& Co" API'
    assert described["servers"] == [{"url": "http://127.0.0.1:8000/b/acme"}]
    text = json.dumps(described)
    assert "http://127.0.0.1:8000/b/acme/mfa/setup" in text
    assert "otpauth://totp/Acme%20%22%26%20Co%22:ada" in text
    assert "auth.example.com" not in text


def no_endpoints(endpoints: list[Any]) -> list[Any]:
    """A host's hook that takes everything out of its own schema."""
    return []


def test_a_hosts_own_settings_of_drf_spectacular_change_nothing() -> None:
    before = document.describe(Backend(ref="acme", name="Acme"))
    document.forget()
    hostile = {
        "TITLE": "Host",
        "SCHEMA_PATH_PREFIX": "/auth",
        "SCHEMA_PATH_PREFIX_TRIM": True,
        "CAMELIZE_NAMES": True,
        "PREPROCESSING_HOOKS": [f"{__name__}.no_endpoints"],
        "SECURITY": [{"host": []}],
        "AUTHENTICATION_WHITELIST": [],
        "PARSER_WHITELIST": [],
        "RENDERER_WHITELIST": [],
    }
    try:
        with patched_settings(hostile):
            assert document.describe(Backend(ref="acme", name="Acme")) == before
    finally:
        document.forget()


def test_anyone_may_fetch_it(made: NewBackend, client: Client) -> None:
    answer = client.get("/b/acme/openapi.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json() == document.describe(made.backend)


def test_two_backends_have_two(made: NewBackend, client: Client) -> None:
    backends.create_backend(ref="other", name="Other", actor=Actor.system("tests"))
    titles = [client.get(f"/b/{ref}/openapi.json").json()["info"]["title"] for ref in _refs()]
    assert titles == ["Acme API", "Other API"]


def test_there_is_none_of_an_unknown_backend(db: None, client: Client) -> None:
    answer = client.get("/b/nowhere/openapi.json")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_its_paths_lead_somewhere(made: NewBackend, client: Client) -> None:
    """Server address and path together are an address of the app."""
    described = document.describe(made.backend)
    base = "/b/acme"
    some = "7d0ad6a3-8a0f-4f5c-9b44-3f1f2c2d0b11"
    names = ("{factor_id}", "{session_id}", "{user_id}")
    for path in described["paths"]:
        for name in names:
            path = path.replace(name, some)
        answer = client.options(f"{base}{path}")
        assert answer.status_code == 204
        answer = client.get(f"{base}{path}")
        assert answer.status_code != 404 or answer.json()["code"] != "not_found"


def _refs() -> tuple[str, str]:
    return ("acme", "other")
