"""Giving an existing project's users accounts on a backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.errors import ValidationFailed
from lingauth.models import Account, Backend, Identity
from lingauth.services import events
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.new_account import email_identity

BATCH = 500


@dataclass(slots=True)
class Adopted:
    """How many users got an account, and why others did not."""

    adopted: int = 0
    without_address: int = 0
    address_taken: int = 0


def adopt_users(
    *, backend: Backend, actor: Actor, users: models.QuerySet[Any] | None = None
) -> Adopted:
    """Make an account for each active user who has none yet. Passwords stay as they are.

    Run again, it goes on with those who are new. Their addresses count as confirmed: the project
    has been trusting them. An address that two users share goes to the first.
    """
    model = get_user_model()
    rows = model._default_manager.all() if users is None else users
    rows = rows.filter(lingauth_account=None).order_by("pk")
    if any(f.name == "is_active" for f in model._meta.concrete_fields):
        rows = rows.filter(is_active=True)
    result = Adopted()
    for batch in _batches(rows.iterator(chunk_size=BATCH)):
        _adopt(backend, batch, actor, result)
    return result


def _adopt(backend: Backend, users: list[Any], actor: Actor, result: Adopted) -> None:
    by_key: dict[str, tuple[Any, str]] = {}
    for user in users:
        email = _address(user)
        if email is None:
            result.without_address += 1
        elif (key := addresses.normalise(email)) in by_key:
            result.address_taken += 1
        else:
            by_key[key] = (user, email)
    with transaction.atomic(durable=True):
        taken = set(
            Account.objects.filter(backend=backend, email_key__in=list(by_key)).values_list(
                "email_key", flat=True
            )
        )
        result.address_taken += len(taken)
        accounts = [
            _account(backend, user, email, key)
            for key, (user, email) in by_key.items()
            if key not in taken
        ]
        Account.objects.bulk_create(accounts)
        Identity.objects.bulk_create([email_identity(account) for account in accounts])
        for account in accounts:
            events.record(
                Kind.ACCOUNT_ADOPTED,
                backend_id=backend.pk,
                client=ClientInfo(),
                actor=actor,
                account=account,
            )
    result.adopted += len(accounts)


def _account(backend: Backend, user: Any, email: str, key: str) -> Account:
    return Account(
        backend=backend,
        user=user,
        adopted=True,
        email=email,
        email_key=key,
        email_confirmed_at=clock.now(),
        app_metadata={"provider": "email", "providers": ["email"]},
    )


def _address(user: Any) -> str | None:
    """The user's e-mail, or a name that is one."""
    email_field = getattr(type(user), "EMAIL_FIELD", "")
    for value in (getattr(user, email_field, "") if email_field else "", user.get_username()):
        try:
            addresses.normalise(value)
        except ValidationFailed:
            continue
        return str(value)
    return None


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
