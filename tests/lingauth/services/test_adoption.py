"""Accounts for the users that a project has: which of them, and all that is written."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.models import Account, Backend, Event, Identity
from lingauth.services import adoption
from lingauth.services.adoption import Adopted, adopt_users
from lingauth.services.backends import NewBackend
from lingauth.services.context import ClientInfo
from tests.support import acts
from tests.support.noon import NOON
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


def user(name: str, email: str = "", **more: Any) -> Any:
    return get_user_model().objects.create(username=name, email=email, password="kept", **more)


def adopt(backend: Backend, **more: Any) -> tuple[int, int, int]:
    found: Adopted = adopt_users(backend=backend, actor=acts.ANN, **more)
    return found.adopted, found.without_address, found.address_taken


def test_an_account_trusts_what_the_project_did(backend: Backend) -> None:
    ann = user("ann", "Ann@Example.com")
    assert adopt(backend) == (1, 0, 0)
    account = Account.objects.get()
    row: dict[str, Any] = dict(Account.objects.values().get())
    unset = ("banned_until", "deleted_at", "invited_at", "last_sign_in_at", "mfa_enrolled_at")
    assert {name: row[name] for name in unset} == dict.fromkeys(unset)
    expected = {
        "backend_id": backend.pk,
        "user_id": ann.pk,
        "adopted": True,
        "email": "Ann@Example.com",
        "email_key": "ann@example.com",
        "email_confirmed_at": NOON,
        "auto_confirmed": False,
        "is_anonymous": False,
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {},
        "created_at": NOON,
    }
    assert {name: row[name] for name in expected} == expected
    assert get_user_model().objects.get().password == "kept"
    identity = Identity.objects.get()
    assert (identity.backend, identity.account, identity.provider, identity.subject) == (
        backend,
        account,
        "email",
        str(account.uuid),
    )
    assert identity.data == {
        "sub": str(account.uuid),
        "email": "Ann@Example.com",
        "email_verified": True,
        "phone_verified": False,
    }
    assert acts.written()[-1] == acts.event(
        "account_adopted", backend=backend, client=ClientInfo(), account=account
    )
    assert Event.objects.filter(kind="account_adopted").count() == 1


def test_those_who_cannot_be_taken_are_counted(backend: Backend) -> None:
    user("first", "one@example.com")
    user("second", "One@Example.com")
    user("third", "one@example.com")
    user("nameless")
    user("named", "not an address")
    user("name@example.com")
    user("gone", "gone@example.com", is_active=False)
    assert adopt(backend) == (2, 2, 2)
    assert set(Account.objects.values_list("user__username", "email_key")) == {
        ("first", "one@example.com"),
        ("name@example.com", "name@example.com"),
    }


def test_an_address_that_has_an_account_there_is_taken_and_elsewhere_is_not(
    backend: Backend,
) -> None:
    user("ann", "ann@example.com")
    user("bob", "bob@example.com")
    assert adopt(backend) == (2, 0, 0)
    user("another", "ann@example.com")
    user("third", "BOB@example.com")
    user("fourth", "new@example.com")
    assert adopt(backend) == (1, 0, 2)
    assert adopt(new_backend("other").backend) == (2, 0, 0)


def test_only_those_who_are_named_are_taken(backend: Backend) -> None:
    user("ann", "ann@example.com")
    user("bob", "bob@example.com")
    some = get_user_model().objects.filter(username="bob")
    assert adopt(backend, users=some) == (1, 0, 0)
    assert Account.objects.get().user.username == "bob"


def test_they_are_taken_in_batches_the_first_first(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adoption, "BATCH", 2)
    for n in range(5):
        user(f"user{n}", f"{n}@example.com")
    user("again", "0@example.com")
    later = get_user_model().objects.order_by("-pk")
    assert adopt(backend, users=later) == (5, 0, 1)
    assert not Account.objects.filter(user__username="again").exists()
    order = list(Account.objects.order_by("pk").values_list("user__username", flat=True))
    assert order == [f"user{n}" for n in range(5)]


def test_a_name_that_is_an_address_counts_where_users_have_no_other() -> None:
    class Bare:
        def get_username(self) -> str:
            return "ann@example.com"

    class Named(Bare):
        EMAIL_FIELD = "mail"
        mail = "bob@example.com"

    class Absent(Bare):
        EMAIL_FIELD = "mail"

    assert [adoption._address(kind()) for kind in (Bare, Named, Absent)] == [
        "ann@example.com",
        "bob@example.com",
        "ann@example.com",
    ]


def test_each_batch_commits_at_once(backend: Backend) -> None:
    user("ann", "ann@example.com")
    with pytest.raises(RuntimeError), transaction.atomic():
        adopt(backend)
    assert not Account.objects.exists()
