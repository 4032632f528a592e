"""Who runs the site is not taken over by a key of one backend."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model

from lingauth.models import Account
from lingauth.services import adoption, operators
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import TESTS, stored
from tests.support.app import PASSWORD, App

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NEW = "another horse battery"


def adopted(made: NewBackend, **flags: bool) -> str:
    user = get_user_model()._default_manager.create_user("u", "u@example.com", PASSWORD, **flags)
    adoption.adopt_users(backend=made.backend, actor=TESTS)
    return str(Account.objects.get(user=user).uuid)


def _operator(made: NewBackend) -> str:
    id = adopted(made)
    user = Account.objects.get(uuid=id).user
    user.username = user.email
    user.save()
    operators.create(email=user.email, backend=made.backend, role="viewer", actor=TESTS)
    return id


STAFF: dict[str, Callable[[NewBackend], str]] = {
    "staff": lambda made: adopted(made, is_staff=True),
    "a superuser": lambda made: adopted(made, is_superuser=True),
    "an operator": _operator,
}


@pytest.mark.parametrize("who", STAFF)
@pytest.mark.parametrize("way", ["password", "email", "link"])
def test_no_server_of_a_backend_becomes_somebody_who_runs_the_site(
    server: Server, made: NewBackend, who: str, way: str
) -> None:
    id = STAFF[who](made)
    before = stored()
    if way == "link":
        body = {"type": "recovery", "email": "u@example.com"}
        answer = server.call("POST", "admin/generate_link", body)
    else:
        change = {"password": NEW} if way == "password" else {"email": "evil@example.com"}
        answer = server.call("PUT", f"admin/users/{id}", change)
    contract.refused(answer, 403, "not_admin")
    assert stored() == before
    assert server.update(id, user_metadata={"a": 1}, ban_duration="1h")["banned_until"]


def test_another_adopted_account_can_be_given_a_password(server: Server, made: NewBackend) -> None:
    server.update(adopted(made), password=NEW)
    app = App(made.backend.ref, made.anon_key)
    app.email = "u@example.com"
    app.sign_in(NEW)
