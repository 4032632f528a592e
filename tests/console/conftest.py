"""Backends, operators with roles, accounts, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model

from lingauth.core.clock import now
from lingauth.models import Account, Backend, Session, TotpFactor
from lingauth.services import backends, operators
from lingauth.services.context import Actor
from tests.console.support import PASSWORD, Operator

START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SETTING_UP = Actor.system("test")

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """24 November 2026, 14:00 UTC, until somebody moves it."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def new_backend(ref: str, name: str) -> Backend:
    return backends.create_backend(ref=ref, name=name, auto_confirm=True, actor=SETTING_UP).backend


@pytest.fixture
def demo(db: None, clock: time_machine.Traveller) -> Backend:
    return new_backend("demo", "Demo")


@pytest.fixture
def other(demo: Backend) -> Backend:
    """A backend that nobody here has a role on."""
    return new_backend("other", "Other")


def operator_with(role: str, backend: Backend) -> Operator:
    email = f"{role}@console.test"
    operators.create(email=email, backend=backend, role=role, password=PASSWORD)
    return Operator(email)


@pytest.fixture
def newcomer(demo: Backend) -> Operator:
    """An owner who never signed in."""
    return operator_with("owner", demo)


@pytest.fixture
def owner(newcomer: Operator) -> Operator:
    return newcomer.sign_in()


@pytest.fixture
def admin(demo: Backend) -> Operator:
    return operator_with("admin", demo).sign_in()


@pytest.fixture
def viewer(demo: Backend) -> Operator:
    return operator_with("viewer", demo).sign_in()


MakeAccount = Callable[..., Account]


@pytest.fixture
def make_account(demo: Backend) -> MakeAccount:
    """``make_account("a@x.test", factors=1, sessions=2, proven=1)``; rows, not whole sign-ins."""

    def make(
        email: str,
        *,
        backend: Backend = demo,
        factors: int = 0,
        sessions: int = 0,
        proven: int = 0,
        **values: Any,
    ) -> Account:
        user = get_user_model().objects.create_user(f"user of {backend.ref} {email}")
        account = Account.objects.create(
            backend=backend, user=user, email=email, email_key=email.casefold(), **values
        )
        for number in range(factors):
            factor = TotpFactor(
                user=user, account=account, backend=backend, name=f"App {number}", confirmed=True
            )
            factor.seal(b"k" * 20)
            factor.save()
        for number in range(sessions):
            Session.objects.create(
                backend=backend,
                account=account,
                methods=[],
                expires_at=datetime(2027, 1, 1, tzinfo=UTC),
                verified_at=now() if number < proven else None,
            )
        return account

    return make
