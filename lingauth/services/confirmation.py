"""Confirming an e-mail address by a link. It proves an address and opens no session."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import DomainError
from lingauth.models import Account, Backend, Identity
from lingauth.services import backends, events
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.notices import Notice, send

LIFE = timedelta(hours=24)
_SALT = "lingauth.confirmation"
_COOLDOWN = timedelta(seconds=60)


def request(*, backend: Backend, account: Account) -> None:
    """Mail the link, at most once a minute."""
    now = clock.now()
    if not Account.objects.claim_confirmation(account.pk, now=now, not_since=now - _COOLDOWN):
        return
    account.confirmation_sent_at = now
    url = f"{backends.base_url(backend)}/confirm?token={token_for(account)}"
    send(Notice.CONFIRM_EMAIL, backend=backend, account=account, context={"confirm_url": url})


def token_for(account: Account) -> str:
    """A signed token for the address that the account has now."""
    value = {"account": str(account.uuid), "email": account.email_key}
    return signing.dumps(value, salt=_SALT)


def confirm(*, backend: Backend, token: str, client: ClientInfo) -> Account:
    """Confirm the address the token was made for, if it still is the account's.

    Raises DomainError ``otp_expired`` for a token that is old, not ours, or of another address.
    A second confirmation changes nothing and is no error: mail programs open links twice.
    """
    refusal = DomainError("Email link is invalid or has expired", code="otp_expired", status=403)
    try:
        value = signing.loads(token, salt=_SALT, max_age=LIFE)
    except signing.BadSignature:
        raise refusal from None
    account = Account.objects.filter(backend=backend, uuid=value["account"]).first()
    if account is None or account.email_key != value["email"]:
        raise refusal
    now: datetime = clock.now()
    with transaction.atomic(durable=True):
        confirmed = Account.objects.confirm_email(account.pk, email_key=value["email"], now=now)
        if confirmed:
            _tell_the_owner(account)
            events.record(
                Kind.EMAIL_CONFIRMED, backend_id=backend.pk, client=client, account=account
            )
    account.email_confirmed_at = account.email_confirmed_at or now
    return account


def _tell_the_owner(account: Account) -> None:
    """The same in the places where the clients look for it."""
    verified = {"email_verified": True}
    account.user_metadata = account.user_metadata | verified
    Account.objects.filter(pk=account.pk).update(user_metadata=account.user_metadata)
    for identity in Identity.objects.filter(account=account, provider="email"):
        identity.data |= verified
        identity.save(update_fields=["data"])
