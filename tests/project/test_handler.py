"""Heads of requests that are read before Django answers for what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from project.handler import Handler
from reliability.fuzz.isolation import connected
from reliability.fuzz.sent import Sent, call
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db

MANY = "&".join(["a=1"] * 1001)
"""More parameters than Django reads."""
ODD = {
    "a charset that is no text": "application/json; charset=hex",
    "a charset that is never one": "application/json; charset=undefined",
    "a charset that is unknown": "application/json; charset=nonsense",
    "a NUL": "application/json; charset=\x00",
}
UNREADABLE = {
    "a codec that is unknown": "application/json; x*=nonsense''y",
    "a charset in a codec that is unknown": "application/json; charset*=nonsense''utf-8",
    "a codec with a NUL": "application/json; x*=\x00''y",
}


@pytest.fixture(autouse=True)
def same_connection() -> Iterator[None]:
    with connected():
        yield


def get(path: str, kind: str, query: str) -> tuple[int, bytes]:
    """With that ``Content-Type``."""
    answer = call(Handler(), Sent("GET", f"{path}?{query}", (("Content-Type", kind),)))
    return answer.status, answer.body


def sign_up(kind: str) -> tuple[int, bytes]:
    """With that ``Content-Type``, at a backend of its own."""
    made = new_backend(uuid4().hex[:8])
    target = f"/b/{made.backend.ref}/auth/v1/signup?a=%ff"
    body = b'{"email": "ann@example.com", "password": "correct horse battery"}'
    headers = (("apikey", made.anon_key), ("Content-Type", kind))
    answer = call(Handler(), Sent("POST", target, headers, body))
    return answer.status, answer.body


@pytest.mark.parametrize("kind", [*ODD.values(), *UNREADABLE.values()], ids=[*ODD, *UNREADABLE])
def test_a_type_is_no_reason_to_fail(kind: str) -> None:
    assert get("/healthz", kind, "a=%ff") == (200, b'{"status": "alive"}')


@pytest.mark.parametrize("kind", ODD.values(), ids=ODD)
def test_json_is_read_as_utf_8(kind: str) -> None:
    assert sign_up(kind)[0] == 200


@pytest.mark.parametrize("kind", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_no_type(kind: str) -> None:
    status, body = sign_up(kind)
    assert status == 415
    assert body == sign_up("")[1]


@pytest.mark.parametrize("kind", ["", "application/json; charset=utf-8"])
def test_too_many_parameters_are_the_askers_mistake(kind: str) -> None:
    assert get("/healthz", kind, MANY)[0] == 200  # which asks for none
    ref = new_backend().backend.ref
    status, body = get(f"/b/{ref}/sign-in", kind, MANY)
    assert status == 400
    assert b"This request cannot be read" in body
