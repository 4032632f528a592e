from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.test import Client

from lingauth.models import Account, Backend
from tests.lingauth.commands.conftest import Run

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def counts(printed: str) -> dict[str, int]:
    return {
        name.strip(): int(count)
        for name, count in (line.rsplit(None, 1) for line in printed.splitlines())
    }


def test_users_sign_in_with_the_password_they_had(run: Run, acme: Backend, client: Client) -> None:
    get_user_model().objects.create_user("ada", "ada@example.com", PASSWORD)
    assert counts(run("adopt_users", "--backend", "acme"))["adopted"] == 1
    answer = client.post(
        "/b/acme/auth/v1/token?grant_type=password",
        {"email": "ada@example.com", "password": PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert Account.objects.get().user.username == "ada"


def test_those_left_out_are_counted(run: Run, acme: Backend) -> None:
    users = get_user_model().objects
    users.create_user("first", "one@example.com", PASSWORD)
    users.create_user("second", "One@Example.com", PASSWORD)
    users.create_user("nameless", "", PASSWORD)
    users.create_user("gone", "gone@example.com", PASSWORD, is_active=False)
    printed = counts(run("adopt_users", "--backend", "acme"))
    assert printed == {"adopted": 1, "without an address": 1, "address taken": 1}
    assert Account.objects.get().user.username == "first"


def test_a_second_run_adopts_only_the_new(run: Run, acme: Backend) -> None:
    get_user_model().objects.create_user("ada", "ada@example.com", PASSWORD)
    run("adopt_users", "--backend", "acme")
    get_user_model().objects.create_user("grace", "grace@example.com", PASSWORD)
    assert counts(run("adopt_users", "--backend", "acme"))["adopted"] == 1
    assert Account.objects.count() == 2


def test_an_unknown_backend_is_said(run: Run) -> None:
    with pytest.raises(CommandError, match="no backend 'acme'"):
        run("adopt_users", "--backend", "acme")
