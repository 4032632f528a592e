"""Inviting somebody: an account that waits for the owner of its address."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import EmailExists
from lingauth.models import Account, Backend
from lingauth.services import access, grants, mail_letters, new_account, outbox, redirects
from lingauth.services.admin import finding, making
from lingauth.services.admin.by import By
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.grants import Profile
from lingauth.services.mail_tokens import Purpose

JOB = "invite"


def invite(
    *, by: By, email: str | None, data: object = None, redirect_to: str | None = None
) -> Profile:
    """Make an account without a password and mail its owner a way in.

    An address that was never confirmed is invited anew; what somebody else may have set up under it
    ends when the owner comes. Raises ValidationFailed; EmailExists for a confirmed address.
    """
    account = finding.by_email(backend=by.backend, email=email)
    metadata = new_account.merged({}, data)
    target, now = redirects.target(backend=by.backend, given=redirect_to), clock.now()

    def post(invited: Account) -> None:
        payload = {
            "account": str(invited.uuid),
            "redirect_to": target,
            "client": asdict(by.client),
        }
        outbox.put(backend=by.backend, kind=JOB, payload=payload)

    if account is None:
        return making.make(
            by=by,
            kind=Kind.ACCOUNT_INVITED,
            email=str(email),
            hashed=None,
            user_metadata=metadata,
            also=post,
            invited_at=now,
            confirmation_sent_at=now,
        )
    with transaction.atomic(durable=True):
        account = finding.take(backend=by.backend, account=account)
        if account.email_confirmed_at is not None:
            raise EmailExists
        account.invited_at = account.confirmation_sent_at = account.updated_at = now
        account.user_metadata = new_account.merged(account.user_metadata, data)
        account.save(
            update_fields=["invited_at", "confirmation_sent_at", "updated_at", "user_metadata"]
        )
        by.record(Kind.ACCOUNT_INVITED, account)
        post(account)
    return grants.profile(account)


@outbox.handler(JOB)
def write(backend: Backend, payload: dict[str, Any]) -> None:
    """Write the invitation, unless there is nobody left to invite."""
    rows = Account.objects.filter(backend=backend, uuid=UUID(payload["account"]))
    account = rows.select_related("user").first()
    if account is None or account.email_confirmed_at is not None:
        return
    if access.is_barred(account, clock.now()):
        return
    account.backend = backend
    client = ClientInfo(**payload["client"])
    letter = mail_letters.Letter(backend, account, client, payload["redirect_to"])
    # Nobody has shown yet that the address is theirs, so no password set before survives.
    letter.send(Purpose.INVITE, password=make_password(None))
