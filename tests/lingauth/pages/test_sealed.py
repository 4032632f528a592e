"""What a page leaves in the browser for the next one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from lingauth.pages.sealed import Sealed

pytestmark = pytest.mark.once

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
KIND = Sealed("note", "code", "a note", timedelta(minutes=5))


def put(kind: Sealed = KIND, **more: Any) -> HttpResponse:
    whose: dict[str, Any] = {"ref": "acme", "bound_to": b"1", "at": AT, **more}
    return kind.put(HttpResponse(), {"a": "secret"}, **whose)


def read(response: HttpResponse, kind: Sealed = KIND, **more: Any) -> Any:
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    whose: dict[str, Any] = {"ref": "acme", "bound_to": b"1", "at": AT, **more}
    return kind.read(request, **whose)


def test_it_is_read_again_and_cannot_be_read_by_anybody_else() -> None:
    response = put()
    assert read(response) == {"a": "secret"}
    assert "secret" not in response.cookies["lingauth-note-acme"].value


def test_it_is_theirs_alone_of_its_kind_and_for_a_while() -> None:
    response = put()
    assert read(response, bound_to=b"2") is None
    assert read(response, Sealed("note", "code", "another purpose", KIND.life)) is None
    assert read(response, at=AT + timedelta(minutes=5)) is None
    assert read(response, ref="other") is None


@pytest.mark.parametrize("junk", ["", "é", "AAAA", "A" * 5000])
def test_junk_is_nothing(junk: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES = {"lingauth-note-acme": junk}
    assert KIND.read(request, ref="acme", bound_to=b"1", at=AT) is None


def test_it_is_gone_when_dropped() -> None:
    response = KIND.drop(put(), ref="acme")
    assert response.cookies["lingauth-note-acme"]["max-age"] == 0


def test_no_script_and_no_other_page_is_given_it() -> None:
    cookie = put().cookies["lingauth-note-acme"]
    assert cookie["httponly"]
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == (
        "/b/acme/code",
        "Strict",
        300,
    )
    with override_settings(LINGAUTH={"SITE_URL": "https://auth.example.com"}):
        assert put().cookies["__Secure-lingauth-note-acme"]["secure"]
