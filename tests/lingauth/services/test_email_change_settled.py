"""A change of address that is done: wherever an account has one, and only if it still may."""

from __future__ import annotations

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import transaction

from lingauth.core.errors import DomainError
from lingauth.models import Account, Backend, Identity, MailToken
from lingauth.services import email_change, mail_tokens
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from lingauth.services.mail_tokens import Purpose
from tests.support import acts
from tests.support.acts import CLIENT
from tests.support.noon import NOON, after
from tests.support.people import Person

pytestmark = pytest.mark.django_db
ANN, NEW = "ann@example.com", "New@example.com"


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


@pytest.fixture
def ann(backend: Backend) -> Account:
    """Her change waits."""
    account = Person.sign_up(backend, ANN).account
    Account.objects.update(new_email=NEW)
    account.refresh_from_db()
    return account


def apply(ann: Account) -> None:
    row = mail_tokens.mint(account=ann, purpose=Purpose.EMAIL_CHANGE_NEW, email=NEW).row
    row.account.backend = ann.backend
    with transaction.atomic():
        email_change.apply(row, CLIENT, after(5))


def test_it_is_written_wherever_an_account_has_an_address(ann: Account, backend: Backend) -> None:
    bob = Person.sign_up(backend, "bob@example.com").account
    Account.objects.filter(pk=ann.pk).update(
        user_metadata={"name": "Ann", "email": ANN}, app_metadata={"provider": "google"}
    )
    identity = Identity.objects.get(account=ann)
    apply(ann)
    data = {
        "sub": str(ann.uuid),
        "email": NEW,
        "email_verified": True,
        "phone_verified": False,
    }
    row = Account.objects.get(pk=ann.pk)
    assert (row.email, row.email_key, row.new_email) == (NEW, "new@example.com", "")
    assert (row.email_confirmed_at, row.updated_at) == (after(5), after(5))
    assert (row.is_anonymous, row.auto_confirmed) == (False, False)
    assert row.user_metadata == {"name": "Ann", **data}
    assert row.app_metadata == {"provider": "google"}
    assert get_user_model().objects.get(pk=ann.user_id).email == NEW
    changed = Identity.objects.get(account=ann)
    assert (changed.pk, changed.subject) == (identity.pk, str(ann.uuid))
    assert (changed.provider, changed.data, changed.updated_at) == ("email", data, after(5))
    assert not MailToken.objects.exists()
    other = Account.objects.get(pk=bob.pk)
    assert (other.email, other.updated_at) == ("bob@example.com", NOON)
    actor = Actor("account", str(ann.uuid))
    assert acts.written()[-1] == acts.event(
        "email_changed", backend=backend, actor=actor, account=ann
    )


def test_a_guest_becomes_a_member(ann: Account) -> None:
    Identity.objects.all().delete()
    Account.objects.update(is_anonymous=True, app_metadata={})
    apply(ann)
    row = Account.objects.get()
    assert not row.is_anonymous
    assert row.app_metadata == {"provider": "email", "providers": ["email"]}
    identity = Identity.objects.get()
    assert (identity.account, identity.backend, identity.subject) == (
        ann,
        ann.backend,
        str(ann.uuid),
    )
    assert acts.written()[-1]["kind"] == "account_converted"


@pytest.mark.parametrize("values", [{"new_email": ""}, {"email_key": "else@example.com"}])
def test_what_was_let_go_or_done_meanwhile_is_not_settled(
    ann: Account, values: dict[str, str]
) -> None:
    Account.objects.filter(pk=ann.pk).update(**values)
    with pytest.raises(DomainError) as refused:
        apply(ann)
    error = refused.value
    assert (error.code, error.status) == ("otp_expired", 403)
    assert error.message == "Email link is invalid or has expired"


def test_an_address_that_is_settled_waits_no_longer(ann: Account) -> None:
    """By an operator, who asks nobody."""
    Identity.objects.create(
        backend=ann.backend, account=ann, provider="google", subject=str(ann.uuid)
    )
    email_change.settle(ann, "else@example.com", after(5), proven=False)
    assert ann.new_email == Account.objects.get().new_email == ""
    assert Account.objects.get().auto_confirmed is True
    assert Identity.objects.get(provider="google").data == {}
    email_change.settle(ann, "else@example.com", after(6))
    assert Account.objects.get().auto_confirmed is False


def test_what_others_wrote_of_the_account_meanwhile_stays(ann: Account) -> None:
    Account.objects.update(last_sign_in_at=after(3), recovery_sent_at=after(4))
    email_change.settle(ann, "else@example.com", after(5))
    row = Account.objects.get()
    assert (row.last_sign_in_at, row.recovery_sent_at) == (after(3), after(4))


def test_an_address_that_was_taken_meanwhile_is_refused(ann: Account, backend: Backend) -> None:
    Person.sign_up(backend, "new@example.com")
    with pytest.raises(DomainError) as refused:
        apply(ann)
    assert (refused.value.code, refused.value.status) == ("email_exists", 422)
    assert Account.objects.get(pk=ann.pk).email == ANN


def test_the_old_address_hears_of_it_if_there_was_one(ann: Account) -> None:
    ann.email = NEW
    email_change.tell(ann, "")
    assert mail.outbox == []
    email_change.tell(ann, ANN)
    [message] = mail.outbox
    assert message.to == [ANN]
    assert "N•••@example.com" in message.body
