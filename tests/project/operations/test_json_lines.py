"""Logs for programs: what a line has, and what it never has."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from lingauth.models import Event, Session
from lingauth.services import passwords
from project.operations.json_lines import JsonLines
from tests.support.app import App

pytestmark = pytest.mark.django_db(transaction=True)


class Lines:
    """What was logged, one object a line."""

    def __init__(self) -> None:
        self.stream = StringIO()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["logger"] == logger]


@pytest.fixture
def lines() -> Iterator[Lines]:
    kept = Lines()
    handler = logging.StreamHandler(kept.stream)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield kept
    logging.getLogger().removeHandler(handler)


def test_a_line_outside_of_requests(lines: Lines) -> None:
    logging.getLogger("lingauth.mail").warning("A mail could not be sent (try %s)", 3)
    [line] = lines.all()
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "WARNING",
        "logger": "lingauth.mail",
        "message": "A mail could not be sent (try 3)",
    }


def test_no_text_begins_a_line_of_its_own(lines: Lines) -> None:
    hostile = "a\r\nb\x1b[2J\u202ec\u2028d"
    logging.getLogger("x").error("%s", hostile)
    assert lines.stream.getvalue().count("\n") == 1
    assert lines.stream.getvalue().strip().isprintable()
    assert lines.all()[0]["message"] == hostile


def test_an_exception_is_its_type_and_place(lines: Lines) -> None:
    try:
        int("canary")
    except ValueError:
        logging.getLogger("x").exception("It failed", extra={"request": "canary"})
    [line] = lines.all()
    assert line["exception"] == "ValueError"
    assert "test_json_lines.py" in line["stack"]
    assert "canary" not in json.dumps(line).replace('int(\\"canary\\")', "")


def test_a_failure_under_a_request_names_it(
    app: App, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> bool:
        raise ZeroDivisionError

    app.sign_up()
    monkeypatch.setattr(passwords, "matches", broken)
    body = {"email": app.email, "password": "any password"}
    answer = app.auth("POST", "token?grant_type=password", body, anonymous=True)
    assert answer.status_code == 500
    [line] = lines.of("lingauth.api")
    assert line["request_id"] == answer["X-Request-Id"]
    assert line["exception"] == "ZeroDivisionError"


def test_access_lines_only_where_they_are_asked_for(
    app: App, lines: Lines, settings: Settings
) -> None:
    app.data()
    assert lines.of("lingauth.access") == []
    settings.ACCESS_LOG = True
    answer = app.data("GET", "notes?title=eq.canary", anonymous=True)
    [line] = lines.of("lingauth.access")
    assert line.pop("milliseconds") >= 0
    assert line.pop("time")
    assert line == {
        "level": "INFO",
        "logger": "lingauth.access",
        "message": "GET lingauth_data:table 200",
        "request_id": answer["X-Request-Id"],
        "method": "GET",
        "route": "lingauth_data:table",
        "backend": "acme",
        "status": 200,
    }


def test_they_say_whose_request_it_was(app: App, lines: Lines, settings: Settings) -> None:
    """By a token, a grant of one, or the event of a refusal."""
    settings.ACCESS_LOG = True
    app.sign_up()
    account = app.session["user"]["id"]
    session = str(Session.objects.get().pk)
    app.data()
    old = app.session["refresh_token"]
    app.keep(app.refresh())
    app.keep(app.refresh())
    assert app.refresh(old).status_code == 400
    wrong = {"email": app.email, "password": "not the password"}
    app.auth("POST", "token?grant_type=password", wrong, anonymous=True)
    signed_up, read, first, second, replayed, failed = lines.of("lingauth.access")
    for line in (signed_up, read, first, second, replayed):
        assert (line["account_id"], line["session_id"]) == (account, session), line
    assert replayed["code"] == "refresh_token_already_used"
    assert failed["account_id"] == account
    assert "session_id" not in failed
    assert failed["code"] == "invalid_credentials"


def test_an_event_takes_nothing_back(app: App, lines: Lines, settings: Settings) -> None:
    """That a mail was sent is about the account; the request had a session."""
    settings.ACCESS_LOG = True
    app.sign_up()
    assert app.auth("GET", "reauthenticate").status_code == 200
    assert Event.objects.filter(kind="mail_sent", session_id=None).exists()
    assert lines.of("lingauth.access")[-1]["session_id"] == str(Session.objects.get().pk)


def test_pages_too(app: App, lines: Lines, settings: Settings) -> None:
    settings.ACCESS_LOG = True
    app.sign_up()
    visitor = Client()
    form = {"email": app.email, "password": "correct horse battery"}
    assert visitor.post("/b/acme/sign-in", form).status_code == 303
    visitor.get("/b/acme/account")
    line = lines.of("lingauth.access")[-1]
    assert line["route"] == "lingauth_pages:account"
    assert line["account_id"] == app.session["user"]["id"]
    assert UUID(line["session_id"])


def test_a_token_that_is_not_ours_names_nobody(app: App, lines: Lines, settings: Settings) -> None:
    settings.ACCESS_LOG = True
    app.sign_up()
    head, body, _ = app.session["access_token"].split(".")
    forged = f"{head}.{body}.{'A' * 86}"
    assert app.data(token=forged).status_code == 401
    assert "account_id" not in lines.of("lingauth.access")[-1]


def test_an_address_that_nobody_has_is_not_repeated(lines: Lines, settings: Settings) -> None:
    settings.ACCESS_LOG = True
    assert Client().get("/canary?canary=canary").status_code == 404
    [line] = lines.of("lingauth.access")
    assert (line["route"], line["status"]) == ("none", 404)
    assert "canary" not in lines.stream.getvalue()
