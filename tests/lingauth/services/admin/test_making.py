"""Making an account with the service key: all rows of it, and the event."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import AccountExists, AccountNotFound, EmailExists, ValidationFailed
from lingauth.models import Account, Identity
from lingauth.services.admin import users
from lingauth.services.admin.by import By
from lingauth.services.admin.values import Given
from tests.support.acts import SERVER, event, stored, written
from tests.support.people import new_backend

Users: Any = get_user_model()._default_manager
EMAIL = {"provider": "email", "providers": ["email"]}
CHOSEN = "5b6a7c8d-1111-4222-8333-444455556666"


def make(by: By, **members: Any) -> Any:
    return users.create(by=by, given=Given(**({"email": "Ann@Example.com"} | members)))


def test_everything_that_is_given_is_in_the_rows(by: By) -> None:
    made = make(
        by,
        id=CHOSEN,
        email_confirm=True,
        password="another horse battery",
        ban_duration="1h",
        user_metadata={"name": "Ann", "gone": None},
        app_metadata={"plan": "pro", "provider": "x", "providers": []},
    )
    now = clock.now()
    account = Account.objects.get()
    user = Users.get()
    assert stored(account) == {
        "id": account.pk,
        "uuid": UUID(CHOSEN),
        "backend_id": by.backend.pk,
        "user_id": user.pk,
        "adopted": False,
        "email": "Ann@Example.com",
        "email_key": "ann@example.com",
        "email_confirmed_at": now,
        "auto_confirmed": False,
        "confirmation_sent_at": None,
        "recovery_sent_at": None,
        "reauthentication_sent_at": None,
        "invited_at": None,
        "new_email": "",
        "email_change_sent_at": None,
        "is_anonymous": False,
        "banned_until": now + timedelta(hours=1),
        "deleted_at": None,
        "mfa_enrolled_at": None,
        "last_sign_in_at": None,
        "password_changed_at": None,
        "user_metadata": {"name": "Ann"},
        "app_metadata": EMAIL | {"plan": "pro"},
        "created_at": now,
        "updated_at": now,
    }
    assert (user.username, user.email) == (CHOSEN, "Ann@Example.com")
    assert user.check_password("another horse battery")
    identity = Identity.objects.get()
    assert (identity.backend_id, identity.account_id) == (by.backend.pk, account.pk)
    assert (identity.provider, identity.subject) == ("email", CHOSEN)
    assert identity.data == {
        "sub": CHOSEN,
        "email": "Ann@Example.com",
        "email_verified": True,
        "phone_verified": False,
    }
    assert (made.account, made.factors, made.identities) == (account, (), (identity,))
    assert made.recovery is None
    until = (now + timedelta(hours=1)).isoformat()
    assert written()[1:] == [
        event(
            "account_created",
            backend=by.backend,
            actor=SERVER,
            account=account,
            banned_until=until,
        )
    ]


def test_what_is_not_given_is_nothing(by: By) -> None:
    absent: dict[str, Any] = dict.fromkeys(field.name for field in fields(Given))
    assert Given() == Given(**absent)
    account = make(by).account
    row = stored(account)
    nothing = ("email_confirmed_at", "banned_until", "confirmation_sent_at", "invited_at")
    assert [row[name] for name in nothing] == 4 * [None]
    assert (row["user_metadata"], row["app_metadata"]) == ({}, EMAIL)
    assert not Users.get().has_usable_password()
    assert Identity.objects.get().data["email_verified"] is False
    assert written()[-1] == event(
        "account_created", backend=by.backend, actor=SERVER, account=account
    )


@pytest.mark.parametrize("email", [None, ""])
def test_an_address_is_needed(by: By, email: str | None) -> None:
    with pytest.raises(ValidationFailed) as refused:
        make(by, email=email)
    assert str(refused.value) == "Cannot create a user without either an email or phone"


def test_an_address_that_is_taken_costs_no_hash(by: By, monkeypatch: pytest.MonkeyPatch) -> None:
    make(by)
    monkeypatch.setattr("lingauth.services.passwords.hashed", None)
    before = written()
    with pytest.raises(EmailExists):
        make(by, email="ANN@example.com", password="another horse battery")
    assert (written(), Account.objects.count()) == (before, 1)


def test_an_address_that_is_taken_meanwhile(by: By, monkeypatch: pytest.MonkeyPatch) -> None:
    make(by)
    find = Account.objects.filter
    asked: list[int] = []

    def first_free(**given: Any) -> Any:
        asked.append(1)
        return find(**given).none() if len(asked) == 1 else find(**given)

    before = written()
    monkeypatch.setattr(Account.objects, "filter", first_free)
    with pytest.raises(EmailExists) as refused:
        make(by)
    assert refused.value.__suppress_context__
    assert (written(), Users.count()) == (before, 1)


def test_an_id_that_is_taken(by: By) -> None:
    other = By(new_backend("bravo").backend, by.actor, by.client)
    make(other, id=CHOSEN, email="ben@example.com")
    make(other)
    make(by, email="dan@example.com")
    before = written()
    with pytest.raises(AccountExists) as refused:
        make(by, id=CHOSEN)
    assert str(refused.value) == "A user with this id has already been registered"
    assert refused.value.__suppress_context__
    assert (written(), Users.count()) == (before, 3)


def test_the_same_address_at_another_backend_is_another_account(by: By) -> None:
    other = By(new_backend("bravo").backend, by.actor, by.client)
    assert make(other).account.uuid != make(by).account.uuid
    assert Account.objects.filter(email_key="ann@example.com").count() == 2


def test_what_is_judged_before_anything_is_written(by: By) -> None:
    for members, error in (
        ({"id": "x"}, "ID must conform to the uuid v4 format"),
        ({"email": "ann"}, "Unable to validate email address: invalid format"),
        ({"ban_duration": "1d"}, "A duration is such as 24h or 1h30m, and at most 292 years."),
        ({"user_metadata": dict.fromkeys(map(str, range(65)), 1)}, "data is at most 64 keys"),
        ({"app_metadata": dict.fromkeys(map(str, range(63)), 1)}, "data is at most 64 keys"),
    ):
        with pytest.raises(ValidationFailed, match=error):
            make(by, **members)
    assert not Users.exists()


def factory(**given: Any) -> Any:
    """A host's own, which names users by their backend."""
    return Users.create(username=f"{given['backend'].ref}/{given['email']}")


def test_the_hosts_own_factory_makes_the_user(by: By, settings: Any) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "USER_FACTORY": f"{__name__}.factory"}
    assert make(by).account.user == Users.get(username="acme/Ann@Example.com")


def test_it_is_made_and_changed_at_one_moment(by: By, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 11, 29, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: noon)
    account = make(by).account
    assert (account.created_at, account.updated_at) == (noon, noon)


def test_it_commits_by_itself(by: By) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        make(by)


def test_one_account_is_read_deleted_ones_too(by: By) -> None:
    account = make(by).account
    Account.objects.update(deleted_at=clock.now())
    found = users.get(backend=by.backend, account_uuid=account.uuid)
    assert (found.account, found.factors) == (account, [])
    assert [row.provider for row in found.identities] == ["email"]
    assert found.account.backend is by.backend
    for whose, name in ((new_backend("bravo").backend, account.uuid), (by.backend, uuid4())):
        with pytest.raises(AccountNotFound):
            users.get(backend=whose, account_uuid=name)
