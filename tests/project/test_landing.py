"""The first page, and the pages for what is not there."""

from __future__ import annotations

from typing import NoReturn

import pytest
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client

from project import seeding

pytestmark = pytest.mark.django_db


def test_it_leads_to_the_console_where_there_is_no_demo(client: Client) -> None:
    page = client.get("/").content.decode()
    assert 'href="/backends"' in page
    assert "/b/" not in page


def test_it_says_what_make_run_prints_but_no_secret(client: Client) -> None:
    made = seeding.seed()
    page = client.get("/").content.decode()
    for shown in (
        'href="/backends"',
        'href="/b/demo/sign-in"',
        'href="/b/demo/sign-up"',
        'href="http://127.0.0.1:8000/b/demo/docs"',
        "http://127.0.0.1:8000/b/demo</code>",
        "lk_anon_",
        "curl -H",
        "create_operator operator@example.com",
    ):
        assert shown in page
    assert "lk_service_" not in page
    for password in (made.operator_password, *made.passwords.values()):
        assert str(password) not in page


def test_it_changes_nothing(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_it_has_the_strict_headers_and_no_cookie(client: Client) -> None:
    answer = client.get("/")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies


def test_a_missing_page_is_a_page_to_people(client: Client) -> None:
    answer = client.get("/nowhere", headers={"accept": "text/html,*/*"})
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_missing_page_is_the_error_body_to_programs(client: Client) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_an_unknown_host_is_refused_without_a_trace(client: Client) -> None:
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/login/"])
def test_djangos_admin_is_not_there(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/b/shop/sign-in", "/backends"])
@pytest.mark.parametrize("error", [OperationalError("disk full"), InterfaceError("closed")])
def test_without_a_database_pages_ask_to_come_back(
    client: Client, path: str, error: DatabaseError
) -> None:
    """As APIs do: what passes is a 503, and only what has to be mended a 500."""

    def fails(*_: object) -> NoReturn:
        raise error

    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    client.raise_request_exception = False
    with connection.execute_wrapper(fails):
        program = client.get(path)
        person = client.get(path, headers={"accept": "text/html,*/*"})
    assert (program.status_code, person.status_code) == (503, 503)
    assert program["Retry-After"] == person["Retry-After"] == "1"
    assert program.json()["code"] == "unavailable"
    assert "Try again in a moment" in person.content.decode()
    assert "default-src 'none'" in person["Content-Security-Policy"]
    assert b"disk full" not in program.content + person.content


def test_what_has_to_be_mended_is_a_500(client: Client) -> None:
    def fails(*_: object) -> NoReturn:
        raise ProgrammingError("no such column: secret")

    client.raise_request_exception = False
    with connection.execute_wrapper(fails):
        answer = client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected_failure")
    assert b"secret" not in answer.content
