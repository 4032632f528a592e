"""Bodies that nobody should send, on every route that takes one, found by walking the addresses:
the contract's 4xx, and nothing changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from lingauth.api.base import AuthView
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import stored
from tests.lingauth.api.routes import WRITING, Route, label
from tests.support.app import App

pytestmark = pytest.mark.django_db

BAD_JSON = (400, "bad_json")
NO_OBJECT = (400, "validation_failed")
TOO_LARGE = (413, "request_entity_too_large")
BODIES: dict[str, tuple[bytes, tuple[int, str]]] = {
    "broken": (b'{"code":', BAD_JSON),
    "a word": (b"hello", BAD_JSON),
    "two values": (b"{}{}", BAD_JSON),
    "a trailing comma": (b'{"code":"1",}', BAD_JSON),
    "single quotes": (b"{'code':'1'}", BAD_JSON),
    "not UTF-8": (b'{"code":"\xff"}', BAD_JSON),
    "UTF-16": ('{"code":"1"}'.encode("utf-16"), BAD_JSON),
    "a byte order mark": (b'\xef\xbb\xbf{"code":"1"}', BAD_JSON),
    "a NUL byte": (b'{"code":"a\x00b"}', BAD_JSON),
    "an escaped NUL": (b'{"code":"a\\u0000b"}', BAD_JSON),
    "a NUL in a name": (b'{"co\\u0000de":"1"}', BAD_JSON),
    "half a surrogate pair": (b'{"code":"\\ud800"}', BAD_JSON),
    "the other half": (b'{"data":{"a":["\\udc00"]}}', BAD_JSON),
    "deep arrays": (b'{"data":' + b"[" * 33 + b"]" * 33 + b"}", BAD_JSON),
    "very deep": (b'{"data":' + b"[" * 20000 + b"]" * 20000 + b"}", BAD_JSON),
    "deep and open": (b"[" * 60000, BAD_JSON),
    "a member twice": (b'{"code":"1","code":"2"}', BAD_JSON),
    "a member twice inside": (b'{"data":{"a":1,"a":2}}', BAD_JSON),
    "NaN": (b'{"data":{"a":NaN}}', BAD_JSON),
    "Infinity": (b'{"data":{"a":-Infinity}}', BAD_JSON),
    "a number beyond a float": (b'{"data":{"a":1e999}}', BAD_JSON),
    "a huge integer": (b'{"data":{"a":' + b"9" * 5000 + b"}}", BAD_JSON),
    "an integer beyond 64 bits": (b'{"data":{"a":' + b"9" * 20 + b"}}", BAD_JSON),
    "an array": (b"[]", NO_OBJECT),
    "an array of objects": (b'[{"code":"1"}]', NO_OBJECT),
    "a string": (b'"code"', NO_OBJECT),
    "a number": (b"5", NO_OBJECT),
    "true": (b"true", NO_OBJECT),
    "null": (b"null", NO_OBJECT),
    "65 KiB": (json.dumps({"code": "x" * 65 * 1024}).encode(), TOO_LARGE),
    "65 KiB of space": (b" " * 65 * 1024, TOO_LARGE),
    "3 MiB": (b'{"code":"' + b"x" * 3 * 2**20, TOO_LARGE),
}
KINDS = (
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "text/csv", "application/xml", "application/json-patch+json", "x", "application/json2",
)  # fmt: skip


@pytest.fixture
def member(app: App, made: NewBackend) -> App:
    """Somebody whom every route would let do everything, on a server that has the service key."""
    app.service_key = made.service_key
    app.sign_up("ann@example.com")
    app.reach_aal2()
    app.auth("POST", "factors/recovery-codes")
    return app


def send(app: App, route: Route, raw: bytes, kind: str = "application/json") -> Any:
    headers = {"apikey": app.service_key if route.is_admin else app.anon_key}
    if not route.is_public and not route.is_admin:
        headers["authorization"] = f"Bearer {app.session['access_token']}"
    url = f"/b/{app.ref}/auth/v1/{route.at()}"
    return app.http.generic(route.method, url, raw, content_type=kind, headers=headers)


@pytest.mark.parametrize("route", WRITING, ids=label)
def test_what_is_no_object_of_json(member: App, route: Route) -> None:
    before = stored()
    for name, (raw, (status, code)) in BODIES.items():
        answer = send(member, route, raw)
        assert answer.status_code == status, (name, answer.content)
        contract.refused(answer, status, code)
    assert stored() == before


@pytest.mark.parametrize("route", WRITING, ids=label)
def test_what_is_not_declared_as_json(member: App, route: Route) -> None:
    """A browser sends these across sites without asking first (HT-08)."""
    before = stored()
    for kind in KINDS:
        answer = send(member, route, b'{"code":"1"}', kind)
        assert answer.status_code == 415, kind
        contract.refused(answer, 415, "unsupported_media_type")
    assert stored() == before


def test_a_type_is_not_said_back(member: App) -> None:
    """Whatever somebody has put into that header by mistake (INV-10)."""
    answer = send(member, WRITING[0], b"{}", "a-canary-of-a-password")
    assert answer.status_code == 415
    assert b"canary" not in answer.content


@pytest.mark.parametrize("kind", ["application/json;charset=UTF-8", "APPLICATION/JSON", "x"])
def test_a_call_without_a_body_needs_no_type(member: App, kind: str) -> None:
    routes = {route.name: route for route in WRITING}
    for name, status in (("recovery-codes-regenerate", 200), ("challenge", 404), ("logout", 204)):
        assert send(member, routes[name], b"", kind).status_code == status


def fields_of(app: App, route: Route, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The members a route looks at, by asking what it reads its body with."""
    seen: dict[str, Any] = {}
    original = AuthView.body

    def body(view: Any, request: Any, shape: Any) -> Any:
        seen.update(shape().fields)
        return original(view, request, shape)

    with monkeypatch.context() as patched:
        patched.setattr(AuthView, "body", body)
        send(app, route, b"{}")
    return seen


@pytest.mark.parametrize("route", WRITING, ids=label)
def test_members_of_other_types(member: App, route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = fields_of(member, route, monkeypatch)
    before = stored()
    for name, field in fields.items():
        others: list[Any] = [0, 1, -1, 1.5, True, False, [], ["x"], [[]], 2**63]
        others += ["x", ""] if isinstance(field, serializers.DictField) else [{}, {"x": "y"}]
        if isinstance(field, serializers.BooleanField):
            others = ["true", *(other for other in others if not isinstance(other, bool))]
        for value in others:
            answer = send(member, route, json.dumps({name: value}).encode())
            assert answer.status_code == 400, (name, value, answer.content)
            body = contract.refused(answer, 400, "validation_failed")
            assert body["message"].startswith(f"{name}: "), (name, value)
    assert stored() == before


def test_the_members_were_found(member: App, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {label(r): set(fields_of(member, r, monkeypatch)) for r in WRITING if r.is_public}
    pkce = {"code_challenge", "code_challenge_method"}
    assert found["POST signup"] == {"email", "password", "data", "phone", *pkce}
    assert found["POST token?grant_type=refresh_token"] == {"refresh_token"}


MEMBERS = (
    "email", "password", "phone", "data", "refresh_token", "current_password", "app_metadata",
    "factor_type", "friendly_name", "issuer", "challenge_id", "code", "factor_id", "id", "type",
    "ban_duration", "password_hash", "new_email", "redirect_to", "user_metadata", "email_confirm",
    "token", "token_hash", "nonce", "auth_code", "code_verifier", "create_user", "code_challenge",
    "code_challenge_method",
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=80)
    | st.sampled_from(["totp", "ann@example.com", "123456", "\x00", "\u202e", "a" * 300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    route=st.sampled_from([r for r in WRITING if r.name not in ("logout", "user")]),
    members=st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=5),
)
def test_no_members_make_a_5xx(member: App, route: Route, members: dict[str, Any]) -> None:
    answer = send(member, route, json.dumps(members).encode())
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        contract.refused(answer, answer.status_code, answer.json()["code"])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    members=st.dictionaries(
        st.sampled_from(("email", "password", "phone", "data", "current_password", "app_metadata")),
        VALUES,
    ),
    raw=st.binary(max_size=60),
)
def test_nor_of_the_user(member: App, members: dict[str, Any], raw: bytes) -> None:
    route = next(r for r in WRITING if r.name == "user")
    for sent in (json.dumps(members).encode(), raw):
        assert send(member, route, sent).status_code < 500
