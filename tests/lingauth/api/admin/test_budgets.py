"""How many statements an admin call may send, transaction control counted.

get 4 · list 6, however long · create 8.
"""

from __future__ import annotations

import pytest

from lingauth.models import Account
from tests.lingauth.api.admin.server import Server
from tests.support.app import App
from tests.support.statements import counted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def known(server: Server) -> Server:
    """A server whose key was just used, which is then not noted again."""
    server.create()
    return server


def test_get_takes_four(known: Server) -> None:
    id = Account.objects.get().uuid
    with counted() as statements:
        known.get(str(id))
    assert len(statements) <= 4, statements


def test_a_list_takes_six_for_fifty_as_for_one(known: Server, app: App) -> None:
    app.sign_up()
    app.reach_aal2()
    app.auth("POST", "factors/recovery-codes")
    for number in range(48):
        known.create(f"u{number}@example.com")
    for size in (1, 50):
        with counted() as statements:
            answer = known.call("GET", f"admin/users?per_page={size}")
        assert len(answer.json()["users"]) == size
        assert len(statements) <= 6, statements


def test_create_takes_eight(known: Server) -> None:
    with counted() as statements:
        known.create("bob@example.com", password="correct horse battery")
    assert len(statements) <= 8, statements
