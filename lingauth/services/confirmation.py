"""Confirming an address: what was mailed there came back."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import get_user_model

from lingauth.core.errors import DomainError
from lingauth.models import Account, Identity, MailToken, RecoverySet, Session, TotpFactor
from lingauth.services import events
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind


def confirm(row: MailToken, client: ClientInfo, now: datetime) -> None:
    """The address of a token's account is confirmed, if it still is the one mailed to.

    For the transaction that spends the token, with the account held. Raises DomainError
    ``otp_expired`` if the address was changed meanwhile.
    """
    account = row.account
    if Account.objects.confirm_email(account.pk, email_key=row.email_key, now=now):
        account.refresh_from_db(fields=["email_confirmed_at", "user_metadata", "app_metadata"])
        if row.password:
            take_over(account, row.password, now)
        tell_the_owner(account)
        events.record(
            Kind.EMAIL_CONFIRMED, backend_id=account.backend_id, client=client, account=account
        )
    elif not Account.objects.filter(pk=account.pk, email_key=row.email_key).exists():
        raise DomainError("Email link is invalid or has expired", code="otp_expired", status=403)
    elif account.auto_confirmed:
        Account.objects.filter(pk=account.pk).update(auto_confirmed=False)
        account.auto_confirmed = False


def take_over(account: Account, password: str, now: datetime) -> None:
    """The owner of the address has come: what others set up before them is gone.

    Somebody may sign up with an address of another and wait for its owner. So the password is the
    one given here (a hash), and no session, factor or other way in remains.
    """
    get_user_model()._default_manager.filter(pk=account.user_id).update(password=password)
    RecoverySet.objects.filter(account=account).delete()
    TotpFactor.objects.filter(account=account).delete()
    Session.objects.filter(account=account).end(now=now, reason="address_confirmed")
    Identity.objects.filter(account=account).exclude(provider="email").delete()
    account.password_changed_at = now
    account.app_metadata = account.app_metadata | {"provider": "email", "providers": ["email"]}
    account.save(update_fields=["password_changed_at", "app_metadata"])


def tell_the_owner(account: Account) -> None:
    """That it is confirmed, in the places where the clients look for it."""
    verified = {"email_verified": True}
    account.user_metadata = account.user_metadata | verified
    Account.objects.filter(pk=account.pk).update(user_metadata=account.user_metadata)
    for identity in Identity.objects.filter(account=account, provider="email"):
        Identity.objects.filter(pk=identity.pk).update(data=identity.data | verified)
