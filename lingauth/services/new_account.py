"""Making an account, however it came about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.errors import ValidationFailed
from lingauth.models import Account, Backend, Identity
from lingauth.services import events, users
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind

MAX_METADATA_BYTES = 16 * 1024
MAX_METADATA_KEYS = 64


def create(
    *,
    backend: Backend,
    email: str,
    password: str | None,
    metadata: Mapping[str, Any],
    client: ClientInfo,
    confirmed: bool = False,
) -> tuple[Account, Identity]:
    """An account with its user row and its e-mail identity. ``password`` is a hash.

    The address is claimed last, after all the work: one that is taken costs what a free one does.
    Raises IntegrityError if it is, or the host's user model refuses; nothing is left then.
    """
    account = draft(backend, email, metadata, confirmed=confirmed)
    key, account.email_key = account.email_key, str(account.uuid)
    with transaction.atomic():
        account.user = users.make_user(
            backend=backend, account_uuid=account.uuid, email=email, password=password
        )
        account.save()
        identity = email_identity(account)
        identity.save()
        events.record(Kind.SIGNED_UP, backend_id=backend.pk, client=client, account=account)
        Account.objects.filter(pk=account.pk).update(email_key=key)
    account.email_key = key
    return account, identity


def draft(backend: Backend, email: str, metadata: Mapping[str, Any], *, confirmed: bool) -> Account:
    """An account as a sign-up makes it, not saved. ``confirmed``: without proof."""
    now = clock.now()
    account = Account(
        backend=backend,
        email=email,
        email_key=addresses.normalise(email),
        email_confirmed_at=now if confirmed else None,
        auto_confirmed=confirmed,
        confirmation_sent_at=None if confirmed else now,
        app_metadata={"provider": "email", "providers": ["email"]},
        created_at=now,
        updated_at=now,
    )
    account.user_metadata = {**metadata, **subject_data(account)}
    return account


def email_identity(account: Account) -> Identity:
    """The identity of an account's address, not saved."""
    return Identity(
        backend=account.backend,
        account=account,
        provider="email",
        subject=str(account.uuid),
        data=subject_data(account),
    )


def subject_data(account: Account) -> dict[str, Any]:
    """What the account's e-mail identity says of it, in the contract's words."""
    return {
        "sub": str(account.uuid),
        "email": account.email,
        "email_verified": account.email_confirmed_at is not None,
        "phone_verified": False,
    }


def merged(current: Mapping[str, Any], data: object) -> dict[str, Any]:
    """Metadata with the given keys set, and those given as null removed. Bounded in size.

    Raises ValidationFailed.
    """
    if data is None:
        return dict(current)
    if not isinstance(data, Mapping):
        raise ValidationFailed("data has to be an object.")
    values = {k: v for k, v in {**current, **data}.items() if v is not None}
    if len(values) > MAX_METADATA_KEYS or len(json.dumps(values)) > MAX_METADATA_BYTES:
        raise ValidationFailed("data is at most 64 keys and 16 KiB.")
    return values
