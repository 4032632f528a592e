"""The page about compatibility is true: the file is what is drawn, and the answers are its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lingauth import keyring
from lingauth.services.backends import NewBackend
from tests.lingauth.api.contract import refused
from tests.lingauth.api.people import app_of, create
from tests.support.app import App
from tests.tooling.compatibility import METHODS, PAGE, beyond, rendered, resolved, with_ids
from tests.tooling.contract_calls import CALLS, OWNER, SERVER, Call

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LEFT_OUT = [call for call in CALLS if call.refused]
ANSWERED = [call for call in CALLS if not call.refused]


def label(call: Call) -> str:
    return f"{call.method} {call.path} {call.what}".strip()


@pytest.fixture
def made() -> NewBackend:
    keyring.forget()
    return create("acme")


def test_the_page_is_what_make_docs_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == rendered()


@pytest.mark.parametrize("call", LEFT_OUT, ids=label)
def test_a_call_that_is_left_out_is_answered_as_the_page_says(call: Call, made: NewBackend) -> None:
    assert call.refused
    refused(_send(call, made), *call.refused)


@pytest.mark.parametrize("call", ANSWERED, ids=label)
def test_a_call_that_is_answered_has_a_view(call: Call) -> None:
    assert resolved(call.method, call.path)


@pytest.mark.parametrize(
    "call", [call for call in ANSWERED if "grant_type" in call.path], ids=label
)
def test_a_grant_that_is_answered_is_known(call: Call, made: NewBackend) -> None:
    answer = app_of(made).auth(call.method, call.path[1:], {}, anonymous=True)
    assert answer.json()["message"] != "unsupported_grant_type"


def test_a_method_that_no_view_has_is_not_said_to_be_answered() -> None:
    assert not resolved("DELETE", "/signup")
    assert not resolved("GET", "/nothing")


def test_every_call_of_the_api_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for method, path in beyond():
        assert f"| {method} | `{path}` |" in page
    assert ("POST", "/mfa/verify") in beyond()
    assert {method.lower() for method, _ in beyond()} <= set(METHODS)


def _send(call: Call, made: NewBackend) -> Any:
    app = app_of(made)
    path = with_ids(call.path)[1:]
    if call.by == OWNER:
        app.sign_up()
    if call.by == SERVER:
        key = made.service_key
        app = App(made.backend.ref, key, http=Client())
        return app.auth(call.method, path, call.body, token=key)
    return app.auth(call.method, path, call.body)
