"""Making an account: each of its rows, whole; and how large metadata may be."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from lingauth.core.errors import ValidationFailed
from lingauth.models import Account, Backend, Event, Identity
from lingauth.services import events, new_account, users
from lingauth.services.context import Actor
from tests.support import acts
from tests.support.events import CLIENT
from tests.support.noon import NOON
from tests.support.pending import strict_backend
from tests.support.statements import counted

HASH = make_password("hers")


@pytest.fixture
def backend(db: None, noon: time_machine.Traveller) -> Backend:
    return strict_backend()


def create(backend: Backend, email: str = "Ann@Example.com", **more: Any) -> Account:
    values: dict[str, Any] = {"password": HASH, "metadata": {"lang": "en", "sub": "x"}, **more}
    account, identity = new_account.create(backend=backend, email=email, client=CLIENT, **values)
    assert identity == Identity.objects.get(account=account)
    assert identity.account is account
    return account


def about(account: Account, confirmed: bool) -> dict[str, Any]:
    return {
        "sub": str(account.uuid),
        "email": "Ann@Example.com",
        "email_verified": confirmed,
        "phone_verified": False,
    }


@pytest.mark.parametrize("confirmed", [False, True])
def test_every_row_of_an_account(backend: Backend, confirmed: bool) -> None:
    account = create(backend, confirmed=True) if confirmed else create(backend)
    assert account.email_key == "ann@example.com"
    assert Account.objects.values().get() == {
        "id": account.pk,
        "uuid": account.uuid,
        "backend_id": backend.pk,
        "user_id": account.user.pk,
        "adopted": False,
        "email": "Ann@Example.com",
        "email_key": "ann@example.com",
        "email_confirmed_at": NOON if confirmed else None,
        "auto_confirmed": confirmed,
        "confirmation_sent_at": None if confirmed else NOON,
        "recovery_sent_at": None,
        "reauthentication_sent_at": None,
        "invited_at": None,
        "new_email": "",
        "email_change_sent_at": None,
        "is_anonymous": False,
        "banned_until": None,
        "deleted_at": None,
        "mfa_enrolled_at": None,
        "last_sign_in_at": None,
        "password_changed_at": None,
        "user_metadata": {"lang": "en", **about(account, confirmed)},
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "created_at": NOON,
        "updated_at": NOON,
    }
    identity = Identity.objects.values().get()
    del identity["id"], identity["uuid"]
    assert identity == {
        "backend_id": backend.pk,
        "account_id": account.pk,
        "provider": "email",
        "subject": str(account.uuid),
        "data": about(account, confirmed),
        "created_at": NOON,
        "updated_at": NOON,
    }
    user = get_user_model()._default_manager.get()
    assert (user.get_username(), user.email) == (str(account.uuid), "Ann@Example.com")
    assert user.password == HASH
    actor = Actor("account", str(account.uuid))
    assert acts.written()[-1] == acts.event(
        "signed_up", backend=backend, actor=actor, account=account
    )


def test_one_time_stands_in_all_of_a_row(backend: Backend) -> None:
    with time_machine.travel(NOON, tick=True):
        for confirmed in (True, False):
            row = new_account.draft(backend, "a@example.com", {}, confirmed=confirmed)
            shown = row.email_confirmed_at or row.confirmation_sent_at
            assert shown == row.created_at == row.updated_at


def test_a_draft_is_not_saved(backend: Backend) -> None:
    account = new_account.draft(backend, "Ann@Example.com", {"lang": "en"}, confirmed=False)
    assert account._state.adding
    assert (account.backend, account.email_key) == (backend, "ann@example.com")
    assert new_account.email_identity(account)._state.adding
    assert not Account.objects.exists()


def writes(statements: list[str]) -> list[tuple[str, str]]:
    """Those that write: the verb, and what it is about."""
    return [(text[:6], text[6:50]) for text in statements if text.startswith(("INSERT", "UPDATE"))]


def test_a_taken_address_costs_the_same_statements_and_leaves_nothing(backend: Backend) -> None:
    """It is claimed last, after all else was written."""
    with counted() as free:
        create(backend)
    before = Event.objects.count()
    with counted() as taken, pytest.raises(IntegrityError):
        create(backend, "ann@example.COM")
    assert writes(taken) == writes(free)
    assert [name for name, _ in writes(free)] == ["INSERT"] * 4 + ["UPDATE"]
    assert "email_key" in writes(taken)[-1][1]
    for model in (Account, Identity, get_user_model()):
        assert model._default_manager.count() == 1
    assert Event.objects.count() == before
    assert create(strict_backend("bravo"), "ann@example.com").email_key == "ann@example.com"


def test_until_then_it_has_a_key_that_nobody_else_has(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []
    monkeypatch.setattr(
        events, "record", lambda *_, **__: keys.append(Account.objects.get().email_key)
    )
    assert keys == [str(create(backend).uuid)]


def test_the_hosts_factory_is_told_all(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    make = users.make_user

    def making(**all: Any) -> Any:
        told.append(all)
        return make(**all)

    monkeypatch.setattr(users, "make_user", making)
    account = create(backend)
    assert told == [
        {
            "backend": backend,
            "account_uuid": account.uuid,
            "email": "Ann@Example.com",
            "password": HASH,
        }
    ]


def test_without_a_password_there_is_none(backend: Backend) -> None:
    account = create(backend, password=None)
    assert not account.user.has_usable_password()


def test_keys_are_set_and_those_given_as_null_removed() -> None:
    current = {"kept": 1, "replaced": {"a": 1}, "removed": 2, "nothing": None}
    data = {"replaced": {"b": None}, "removed": None, "new": 0, "unknown": None}
    merged = new_account.merged(current, data)
    assert merged == {"kept": 1, "replaced": {"b": None}, "new": 0}
    assert current["removed"] == 2


def test_without_data_it_is_a_copy() -> None:
    current = {"kept": 1}
    copied = new_account.merged(current, None)
    assert copied == current
    assert copied is not current


@pytest.mark.parametrize("data", ["text", ["list"], 5, True])
def test_data_is_an_object(data: object) -> None:
    with pytest.raises(ValidationFailed, match=r"\Adata has to be an object\.\Z"):
        new_account.merged({}, data)


def test_64_keys_are_the_most() -> None:
    keys = {f"key {n}": n for n in range(64)}
    assert new_account.merged(keys, {}) == keys
    assert len(new_account.merged(keys, {"one more": None})) == 64
    with pytest.raises(ValidationFailed, match=r"\Adata is at most 64 keys and 16 KiB\.\Z"):
        new_account.merged(keys, {"one more": 1})


def test_16_kib_are_the_most() -> None:
    largest = {"a": "x" * (16 * 1024 - len('{"a": ""}'))}
    assert len(json.dumps(largest)) == 16_384
    assert new_account.merged({}, largest) == largest
    with pytest.raises(ValidationFailed, match=r"\Adata is at most 64 keys and 16 KiB\.\Z"):
        new_account.merged(largest, {"a": largest["a"] + "x"})
