"""What the made-up calls take an answer for: what may be said in it, and one that never came."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from reliability.fuzz import judging, places
from reliability.fuzz.sent import Answer, Sent, call

HEALTH = Sent("GET", "/b/acme/auth/v1/health")


class Broken(WSGIHandler):
    """One that an exception leaves."""

    def __init__(self) -> None:
        pass

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        raise LookupError("no such codec")


def test_an_exception_that_leaves_the_project_is_a_500(capsys: pytest.CaptureFixture[str]) -> None:
    answer = call(Broken(), HEALTH)
    assert "500: a failure of the server" in list(judging.general(HEALTH, answer))
    assert "LookupError: no such codec" in capsys.readouterr().err


def test_a_refusal_gives_nothing_to_anybody() -> None:
    refused = Answer(400, (), b'{"code":"x","message":"y","access_token":"a secret of somebody"}')
    assert b"a secret" in places.stripped("getToken", refused)[0]


def test_names_that_everybody_is_told_are_no_secrets() -> None:
    names = (("Access-Control-Expose-Headers", "X-Total-Count"), ("Retry-After", "a secret"))
    assert places.stripped("getToken", Answer(429, names, b"{}"))[0] == b"a secret\n{}"


def test_a_list_may_repeat_what_it_was_asked() -> None:
    linked = Answer(200, (("Link", '</users?page=2&filter=x>; rel="next"'),), b"{}")
    assert places.is_quoting("/b/acme/auth/v1/admin/users", linked)
    assert not places.is_quoting("/b/acme/auth/v1/admin/users", Answer(200, (), b"{}"))
