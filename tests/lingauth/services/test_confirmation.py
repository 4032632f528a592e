"""Confirming an address: the rows that change by it, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ObjectDoesNotExist

from lingauth.core.errors import DomainError
from lingauth.models import Account, Backend, Identity, RecoverySet, Session, TotpFactor
from lingauth.services import confirmation
from lingauth.services.context import Actor
from lingauth.services.mail_tokens import Purpose
from tests.support import acts
from tests.support.events import CLIENT
from tests.support.noon import NOON, after
from tests.support.pending import mint, strict_backend, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def backend(noon: object) -> Backend:
    return strict_backend()


@pytest.fixture
def ann(backend: Backend) -> Account:
    return waiting(backend, "ann@example.com", "hers")


def confirm(account: Account, seconds: float, *, password: str = "", to: str = "") -> None:
    row = mint(account, Purpose.SIGNUP, to=to, password=password).row
    confirmation.confirm(row, CLIENT, after(seconds))


def stored(account: Account) -> dict[str, Any]:
    return dict(Account.objects.filter(pk=account.pk).values().get())


def identity(account: Account, provider: str) -> Identity:
    return Identity.objects.get(account=account, provider=provider)


def connect(account: Account) -> Identity:
    return Identity.objects.create(
        backend=account.backend, account=account, provider="github", subject=str(account.pk)
    )


def equip(account: Account) -> Session:
    """A session, a factor, recovery codes and another way in."""
    connect(account)
    about = {"backend": account.backend, "account": account}
    TotpFactor.objects.create(**about, user=account.user, secret=b"secret")
    RecoverySet.objects.create(**about, user=account.user)
    return Session.objects.create(**about, expires_at=after(3600))


def has(account: Account) -> dict[str, int]:
    """How much of each is left."""
    return {
        model.__name__: model._default_manager.filter(account=account).count()
        for model in (TotpFactor, RecoverySet, Identity)
    }


def test_the_account_and_its_address_say_that_it_is_confirmed(
    backend: Backend, ann: Account
) -> None:
    connect(ann)
    bob = waiting(backend, "bob@example.com")
    before, bobs, githubs = stored(ann), stored(bob), identity(ann, "github").data
    confirm(ann, 60)
    now = stored(ann)
    assert now == before | {
        "email_confirmed_at": after(60),
        "updated_at": after(60),
        "user_metadata": {
            "lang": "en",
            "sub": str(ann.uuid),
            "email": "ann@example.com",
            "email_verified": True,
            "phone_verified": False,
        },
    }
    assert ann.email_confirmed_at == after(60)
    assert ann.backend is backend
    assert ann.user_metadata == now["user_metadata"]
    assert identity(ann, "email").data == {
        "sub": str(ann.uuid),
        "email": "ann@example.com",
        "email_verified": True,
        "phone_verified": False,
    }
    assert identity(ann, "github").data == githubs
    assert stored(bob) == bobs
    assert identity(bob, "email").data["email_verified"] is False
    actor = Actor("account", str(ann.uuid))
    event = acts.event("email_confirmed", backend=backend, actor=actor, account=ann)
    assert acts.written()[-1] == event


def test_what_was_told_of_them_meanwhile_is_kept(ann: Account) -> None:
    read = Account.objects.select_related("backend").get(pk=ann.pk)
    Account.objects.filter(pk=ann.pk).update(
        user_metadata={"lang": "de"}, app_metadata={"role": "editor"}, recovery_sent_at=NOON
    )
    confirm(read, 60, password=make_password("another"))
    now = stored(ann)
    assert now["recovery_sent_at"] == NOON
    assert now["user_metadata"] == {"lang": "de", "email_verified": True}
    assert now["app_metadata"] == {"role": "editor", "provider": "email", "providers": ["email"]}


def test_without_a_password_of_its_own_it_leaves_everything_else(
    backend: Backend, ann: Account
) -> None:
    session = equip(ann)
    confirm(ann, 60)
    session.refresh_from_db()
    ann.user.refresh_from_db()
    assert session.ended_at is None
    assert has(ann) == {"TotpFactor": 1, "RecoverySet": 1, "Identity": 2}
    assert check_password("hers", ann.user.password)


def test_with_one_nothing_that_was_there_before_remains(backend: Backend, ann: Account) -> None:
    bob = waiting(backend, "bob@example.com", "his")
    anns, bobs = equip(ann), equip(bob)
    Account.objects.filter(pk=ann.pk).update(
        app_metadata={"role": "editor", "provider": "github", "providers": ["github", "email"]}
    )
    confirm(ann, 60, password=make_password("another"))
    for row in (anns, bobs, ann.user, bob.user):
        row.refresh_from_db()
    assert check_password("another", ann.user.password)
    assert (anns.ended_at, anns.end_reason) == (after(60), "address_confirmed")
    assert has(ann) == {"TotpFactor": 0, "RecoverySet": 0, "Identity": 1}
    assert identity(ann, "email").data["email_verified"] is True
    now = stored(ann)
    assert now["password_changed_at"] == ann.password_changed_at == after(60)
    assert now["app_metadata"] == ann.app_metadata
    assert ann.app_metadata == {"role": "editor", "provider": "email", "providers": ["email"]}
    assert check_password("his", bob.user.password)
    assert bobs.ended_at is None
    assert has(bob) == {"TotpFactor": 1, "RecoverySet": 1, "Identity": 2}


def test_an_address_that_was_left_is_not_confirmed(backend: Backend, ann: Account) -> None:
    """Nor if another account has it by now."""
    waiting(backend, "left@example.com")
    before = stored(ann)
    with pytest.raises(DomainError) as refused:
        confirm(ann, 60, to="left@example.com", password=make_password("another"))
    error = refused.value
    assert (error.code, error.status) == ("otp_expired", 403)
    assert error.message == "Email link is invalid or has expired"
    assert stored(ann) == before


def test_an_account_that_is_gone_is_not_confirmed(ann: Account) -> None:
    row = mint(ann, Purpose.SIGNUP).row
    ann.user.delete()
    with pytest.raises(DomainError, match="Email link is invalid or has expired"):
        confirmation.confirm(row, CLIENT, NOON)
    with pytest.raises(ObjectDoesNotExist):
        ann.refresh_from_db()


@pytest.mark.parametrize("auto", [True, False])
def test_what_was_confirmed_before_is_shown_now_and_changes_nothing_else(
    backend: Backend, ann: Account, auto: bool, noon: time_machine.Traveller
) -> None:
    bob = waiting(backend, "bob@example.com")
    Account.objects.update(email_confirmed_at=NOON, auto_confirmed=auto)
    ann.refresh_from_db()
    before, bobs, events = stored(ann), stored(bob), acts.written()
    session = equip(ann)
    confirm(ann, 60, password=make_password("another"))
    assert stored(ann) == before | {"auto_confirmed": False}
    assert ann.auto_confirmed is False
    assert stored(bob) == bobs
    assert acts.written() == events
    session.refresh_from_db()
    assert session.ended_at is None
