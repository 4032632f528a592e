"""Pages of accounts."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine

from lingauth.core import clock
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import create
from tests.support.app import App

pytestmark = pytest.mark.django_db


def ask(server: Server, query: str = "") -> Any:
    answer = server.call("GET", f"admin/users{query}")
    assert answer.status_code == 200, answer.content
    return answer


def emails(answer: Any) -> list[str]:
    return [user["email"] for user in answer.json()["users"]]


def links(answer: Any) -> dict[str, dict[str, str]]:
    """The queries of ``Link``, by their relation."""
    entries = re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers["Link"])
    return {rel: dict(parse_qsl(urlsplit(url).query)) for url, rel in entries}


def as_the_client_reads(link: str) -> dict[str, int]:
    """What auth-js makes of the header."""
    pages = {}
    for entry in link.split(","):
        head, rel = entry.split(";")[:2]
        pages[json.loads(rel.split("=")[1])] = int(head.split("=")[1][0])
    return pages


@pytest.fixture
def twelve(server: Server) -> list[str]:
    """Twelve accounts a minute apart. Their addresses, newest first."""
    made = []
    with time_machine.travel(clock.now() - timedelta(hours=1), tick=False) as moved:
        for number in range(12):
            made.append(f"u{number}@example.com")
            server.create(made[-1])
            moved.shift(60)
    return made[::-1]


def test_newest_first_with_everything_in_them(server: Server, app: App, twelve: list[str]) -> None:
    app.sign_up("ann@example.com")
    app.reach_aal2()
    app.auth("POST", "factors/recovery-codes")
    answer = ask(server)
    assert answer.json().keys() == {"users", "aud"}
    assert answer.json()["aud"] == "authenticated"
    assert emails(answer) == ["ann@example.com", *twelve]
    assert answer.headers["X-Total-Count"] == "13"
    assert links(answer) == {"last": {"page": "1", "per_page": "50"}}
    for user in answer.json()["users"]:
        contract.user(user)
        assert user == server.get(user["id"])


def test_what_the_client_sends_without_arguments(server: Server, twelve: list[str]) -> None:
    assert emails(ask(server, "?page=&per_page=&filter=&sort=")) == twelve


def test_pages(server: Server, twelve: list[str]) -> None:
    seen = []
    for number in (1, 2, 3):
        answer = ask(server, f"?page={number}&per_page=5")
        seen += emails(answer)
        assert answer.headers["X-Total-Count"] == "12"
        read = as_the_client_reads(answer.headers["Link"])
        assert read == ({"next": number + 1} if number < 3 else {}) | {"last": 3}
    assert seen == twelve
    beyond = ask(server, "?page=4&per_page=5")
    assert emails(beyond) == []
    assert beyond.headers["X-Total-Count"] == "12"
    assert as_the_client_reads(beyond.headers["Link"]) == {"last": 3}


def test_links_lead_to_the_same_list(server: Server, twelve: list[str]) -> None:
    answer = ask(server, "?sort=email+asc&per_page=2&filter=u,1%3B%3D")
    assert links(answer)["last"]["filter"] == "u,1;="
    answer = ask(server, "?sort=email+asc&per_page=2&filter=u1")
    url = re.findall(r"<([^>]*)>", answer.headers["Link"])[0]
    assert url.startswith("http://127.0.0.1:8000/b/acme/auth/v1/admin/users?page=2&")
    following = ask(server, f"?{urlsplit(url).query}")
    assert emails(answer) == ["u10@example.com", "u11@example.com"]
    assert emails(following) == ["u1@example.com"]


def test_nobody_yet(server: Server) -> None:
    answer = ask(server)
    assert answer.json() == {"users": [], "aud": "authenticated"}
    assert answer.headers["X-Total-Count"] == "0"
    assert as_the_client_reads(answer.headers["Link"]) == {"last": 1}


FILTERS = {
    "u3": ["u3@example.com"],
    "U3@EXAMPLE": ["u3@example.com"],
    "lovelace": ["u2@example.com", "u1@example.com"],
    "ADA": ["u2@example.com", "u1@example.com"],
    "nobody": [],
    "%": [],
    "_": [],
    "'; DROP TABLE x --": [],
}


def test_filter_by_address_and_by_name(server: Server, twelve: list[str]) -> None:
    users = {user["email"]: user["id"] for user in ask(server).json()["users"]}
    server.update(users["u1@example.com"], user_metadata={"name": "Ada Lovelace"})
    server.update(users["u2@example.com"], user_metadata={"full_name": "Ada King, née Lovelace"})
    server.update(users["u4@example.com"], user_metadata={"city": "Ada", "name": []})
    for text, found in FILTERS.items():
        answer = ask(server, f"?{urlencode({'filter': text})}")
        assert emails(answer) == found, text
        assert answer.headers["X-Total-Count"] == str(len(found))


FIRST = {
    "created_at": "u11", "created_at+asc": "u0", "created_at:asc": "u0", "email": "u9",
    "email+ASC": "u0", "updated_at+desc": "u5", "last_sign_in_at": "u11",
}  # fmt: skip


def test_sort(server: Server, twelve: list[str]) -> None:
    user = next(u for u in ask(server).json()["users"] if u["email"].startswith("u5"))
    server.update(user["id"], user_metadata={"a": 1})
    for sort, first in FIRST.items():
        assert emails(ask(server, f"?sort={sort}"))[0] == f"{first}@example.com", sort


def test_refused(server: Server) -> None:
    for query in (
        "page=-1", "page=0", "page=x", "page=1.5", "page=1e3", "page=+1", "page=%D9%A1",
        "page=99999999999999999999", "page=%00", "per_page=0", "per_page=-1", "per_page=x",
        "sort=password", "sort=user__password", "sort=email+up", "sort=-email", "sort=EMAIL",
        "filter=%00", "filter=" + "x" * 255,
    ):  # fmt: skip
        answer = server.call("GET", f"admin/users?{query}")
        contract.refused(answer, 400, "validation_failed")


def test_a_page_has_a_thousand_at_most(server: Server, twelve: list[str]) -> None:
    answer = ask(server, "?per_page=100000")
    assert links(answer)["last"]["per_page"] == "1000"
    assert emails(answer) == twelve
    assert emails(ask(server, "?page=1000000000&per_page=1000")) == []


def test_only_the_backends_own(server: Server, made: NewBackend, twelve: list[str]) -> None:
    other = Server.of(create("bravo"))
    assert ask(other).json()["users"] == []
    other.create("foreign@example.com")
    assert emails(ask(server)) == twelve
    assert emails(ask(other, "?filter=example")) == ["foreign@example.com"]
