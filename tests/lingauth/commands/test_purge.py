from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management.base import CommandError

from lingauth.core import clock
from lingauth.models import Backend, Session
from lingauth.services import accounts
from lingauth.services.context import ClientInfo
from tests.lingauth.commands.conftest import Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_backend(acme: Backend) -> Backend:
    acme.auto_confirm = True
    acme.save()
    return acme


def sign_up(backend: Backend, name: str) -> None:
    accounts.sign_up(
        backend=backend,
        email=f"{name}@example.com",
        password="correct horse battery",
        client=ClientInfo(),
    )


def test_it_removes_what_expired_and_nothing_else(run: Run, open_backend: Backend) -> None:
    for name in ("ada", "grace", "joan"):
        sign_up(open_backend, name)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        sign_up(open_backend, "edith")
        printed = run("purge", "--batch", "2")
    assert ["sessions", "3"] in [line.split() for line in printed.splitlines()]
    assert Session.objects.get().account.email == "edith@example.com"


def test_an_empty_run_says_zeros(run: Run, acme: Backend) -> None:
    assert {line.split()[-1] for line in run("purge").splitlines()} == {"0"}


@pytest.mark.parametrize("batch", ["0", "-5"])
def test_a_batch_of_nothing_is_refused(run: Run, batch: str) -> None:
    with pytest.raises(CommandError, match="number from 1"):
        run("purge", f"--batch={batch}")
