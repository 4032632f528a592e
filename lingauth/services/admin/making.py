"""Making an account without its owner: by the servers of a backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.errors import AccountExists, EmailExists
from lingauth.models import Account
from lingauth.services import new_account, users
from lingauth.services.admin.by import By
from lingauth.services.events import Kind
from lingauth.services.grants import Profile

EMAIL = {"provider": "email", "providers": ["email"]}


def make(
    *,
    by: By,
    kind: Kind,
    email: str,
    hashed: str | None,
    user_metadata: Mapping[str, Any],
    app_metadata: Mapping[str, Any] = EMAIL,
    account_uuid: UUID | None = None,
    also: Callable[[Account], None] | None = None,
    told: Mapping[str, Any] | None = None,
    **values: Any,
) -> Profile:
    """An account with its user row and its e-mail identity, and an event of this kind.

    ``user_metadata`` is stored as it is given. ``also`` is called in the same transaction.
    ``values`` are further columns. Raises EmailExists; AccountExists if the id is taken, or the
    host's user model refuses.
    """
    now, key = clock.now(), addresses.normalise(email)
    account = Account(
        backend=by.backend,
        email=email,
        email_key=key,
        user_metadata=dict(user_metadata),
        app_metadata=dict(app_metadata),
        created_at=now,
        updated_at=now,
        **values,
    )
    if account_uuid is not None:
        account.uuid = account_uuid
    try:
        with transaction.atomic(durable=True):
            account.user = users.make_user(
                backend=by.backend, account_uuid=account.uuid, email=email, password=hashed
            )
            account.save(force_insert=True)
            identity = new_account.email_identity(account)
            identity.save(force_insert=True)
            by.record(kind, account, **(told or {}))
            if also is not None:
                also(account)
    except IntegrityError:
        if Account.objects.filter(backend=by.backend, email_key=key).exists():
            raise EmailExists from None
        raise AccountExists("A user with this id has already been registered") from None
    return Profile(account, (), (identity,))
