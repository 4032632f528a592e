"""Changing an account with the service key: which columns, what ends, which events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import AccountNotFound, EmailExists, NotAdmin, ValidationFailed
from lingauth.models import Account, Identity, Operator, Session
from lingauth.services import mail_tokens
from lingauth.services.admin import users
from lingauth.services.admin.by import By
from lingauth.services.admin.values import Given
from lingauth.services.mail_tokens import Purpose
from tests.lingauth.api.people import Clock
from tests.support.acts import SERVER, event, stored, written
from tests.support.people import Person

Users: Any = get_user_model()._default_manager
NEW = "another horse battery"


@pytest.fixture
def ann(by: By, moved: Clock) -> Person:
    """With a mailed link that waits. A minute has gone by since."""
    person = Person.sign_up(by.backend, "ann@example.com")
    Account.objects.update(new_email="later@example.com")
    mail_tokens.mint(account=person.account, purpose=Purpose.MAGICLINK, email="ann@example.com")
    moved.shift(60)
    return person


def update(by: By, person: Person, **members: Any) -> Any:
    return users.update(by=by, account_uuid=person.account.uuid, given=Given(**members))


def told(by: By, person: Person, kind: str, **data: Any) -> dict[str, Any]:
    return event(kind, backend=by.backend, actor=SERVER, account=person.account, **data)


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if before[name] != value}


def ended(person: Person, reason: str) -> bool:
    session = person.session
    if session.ended_at is None:
        assert person.account.mail_tokens.count() == 1
        return False
    assert (session.ended_at, session.end_reason) == (clock.now(), reason)
    assert person.account.mail_tokens.count() == 0
    return True


def test_a_password(by: By, ann: Person) -> None:
    before, count = stored(ann.account), len(written())
    profile = update(by, ann, password=NEW)
    now = clock.now()
    columns = {"password_changed_at": now, "updated_at": now, "new_email": ""}
    assert changed(before, stored(ann.account)) == columns
    assert {name: getattr(profile.account, name) for name in columns} == columns
    assert Users.get().check_password(NEW)
    assert ended(ann, "password_changed")
    assert written()[count:] == [told(by, ann, "password_changed")]


@pytest.mark.parametrize("email", ["New@Example.com", "ANN@example.com"])
def test_an_address(by: By, ann: Person, email: str) -> None:
    """One that is only written in another way is no other."""
    moves = email == "New@Example.com"
    before, count = stored(ann.account), len(written())
    identity = stored(Identity.objects.get())
    profile = update(by, ann, email=email)
    now = clock.now()
    columns = {
        "email": email,
        "user_metadata": before["user_metadata"] | {"email": email},
        "updated_at": now,
    } | ({"email_key": "new@example.com", "new_email": ""} if moves else {})
    assert changed(before, stored(ann.account)) == columns
    assert {name: getattr(profile.account, name) for name in columns} == columns
    assert Users.get().email == email
    assert changed(identity, stored(Identity.objects.get())) == {
        "data": identity["data"] | {"email": email},
        "updated_at": now,
    }
    assert ended(ann, "email_changed") is moves
    assert written()[count:] == ([told(by, ann, "email_changed")] if moves else [])


def test_an_address_that_is_the_same_is_no_change(by: By, ann: Person) -> None:
    before, events = stored(ann.account), written()
    update(by, ann, email="ann@example.com", ban_duration="none", email_confirm=True)
    assert (stored(ann.account), written()) == (before, events)


def test_metadata_that_does_not_name_the_address_is_not_made_to(by: By, ann: Person) -> None:
    Account.objects.update(user_metadata={"a": 1}, app_metadata={"plan": "pro"})
    update(by, ann, email="new@example.com")
    row = stored(ann.account)
    assert row["user_metadata"] == {"a": 1}
    assert row["app_metadata"] == {"provider": "email", "providers": ["email"], "plan": "pro"}


def test_a_confirmation(by: By, ann: Person) -> None:
    Account.objects.update(email_confirmed_at=None, user_metadata={"a": 1})
    before, count = stored(ann.account), len(written())
    update(by, ann, email_confirm=True)
    now = clock.now()
    assert changed(before, stored(ann.account)) == {
        "email_confirmed_at": now,
        "user_metadata": {"a": 1, "email_verified": True},
        "updated_at": now,
    }
    identity = Identity.objects.get()
    assert (identity.data["email_verified"], identity.updated_at) == (True, now)
    assert written()[count:] == [told(by, ann, "email_confirmed")]
    assert not ended(ann, "")


def test_nobody_without_an_address_is_confirmed(by: By, ann: Person) -> None:
    Account.objects.update(email="", email_key=str(ann.account.uuid), email_confirmed_at=None)
    before, events = stored(ann.account), written()
    update(by, ann, email_confirm=True)
    assert (stored(ann.account), written()) == (before, events)


def test_somebody_without_an_address_gets_one(by: By, ann: Person) -> None:
    Account.objects.update(
        email="", email_key=str(ann.account.uuid), email_confirmed_at=None, is_anonymous=True,
        app_metadata={}, user_metadata={},
    )  # fmt: skip
    Identity.objects.all().delete()
    update(by, ann, email="ann@example.com", email_confirm=True)
    row = stored(ann.account)
    assert (row["is_anonymous"], row["email_key"]) == (False, "ann@example.com")
    assert row["email_confirmed_at"] == clock.now()
    assert row["app_metadata"] == {"provider": "email", "providers": ["email"]}
    identity = Identity.objects.get()
    assert (identity.provider, identity.subject) == ("email", str(ann.account.uuid))
    assert (identity.backend_id, identity.account_id) == (by.backend.pk, ann.account.pk)
    assert identity.data["email_verified"] is True


def test_metadata(by: By, ann: Person) -> None:
    before, count = stored(ann.account), len(written())
    identity = stored(Identity.objects.get())
    update(by, ann, user_metadata={"a": 1}, app_metadata={"plan": "pro"})
    assert stored(Identity.objects.get()) == identity, "it says nothing of that"
    assert changed(before, stored(ann.account)) == {
        "user_metadata": before["user_metadata"] | {"a": 1},
        "app_metadata": before["app_metadata"] | {"plan": "pro"},
        "updated_at": clock.now(),
    }
    update(by, ann, user_metadata={"a": 2}, app_metadata={"plan": "pro"})
    update(by, ann, user_metadata={"a": 2})
    assert written()[count:] == [
        told(by, ann, "account_updated", changed=["app_metadata", "user_metadata"]),
        told(by, ann, "account_updated", changed=["user_metadata"]),
    ]
    assert not ended(ann, "")


def test_a_ban_and_its_end(by: By, ann: Person) -> None:
    before, count = stored(ann.account), len(written())
    update(by, ann, ban_duration="1h")
    until = clock.now() + timedelta(hours=1)
    assert changed(before, stored(ann.account)) == {
        "banned_until": until, "updated_at": clock.now(), "new_email": "",
    }  # fmt: skip
    assert ended(ann, "banned")
    Session.objects.update(ended_at=None)
    update(by, ann, ban_duration="none")
    assert stored(ann.account)["banned_until"] is None
    assert ann.session.ended_at is None, "what ends a ban ends no session"
    assert written()[count:] == [
        told(by, ann, "account_banned", until=until.isoformat()),
        told(by, ann, "account_unbanned"),
    ]


def test_an_address_that_is_taken(by: By, ann: Person) -> None:
    Person.sign_up(by.backend, "ben@example.com")
    before, events = stored(ann.account), written()
    with pytest.raises(EmailExists) as refused:
        update(by, ann, email="BEN@example.com", password=NEW)
    assert refused.value.__suppress_context__
    assert (stored(ann.account), written()) == (before, events)
    assert not ended(ann, "")


def test_who_runs_the_site_keeps_password_and_address(by: By, ann: Person) -> None:
    Operator.objects.create(user=ann.account.user, backend=by.backend, role="viewer")
    events = written()
    for members in ({"password": NEW}, {"email": "new@example.com"}):
        with pytest.raises(NotAdmin) as refused:
            update(by, ann, **members)
        assert str(refused.value) == "This account belongs to somebody who runs the site."
    assert written() == events
    update(by, ann, user_metadata={"a": 1}, email="Ann@example.com")


def test_metadata_that_is_too_large_is_refused_before_any_hashing(
    by: By, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lingauth.services.passwords.hashed", None)
    for name in ("user_metadata", "app_metadata"):
        with pytest.raises(ValidationFailed):
            update(by, ann, password=NEW, **{name: dict.fromkeys(map(str, range(65)), 1)})


def test_a_deleted_account_is_not_changed(by: By, ann: Person) -> None:
    Account.objects.update(deleted_at=clock.now())
    with pytest.raises(AccountNotFound):
        update(by, ann, password=NEW)


def test_it_commits_by_itself(by: By, ann: Person) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        update(by, ann, user_metadata={"a": 1})
