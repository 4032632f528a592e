"""Accounts: signing up, changing, adopting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.assurance import Method
from lingauth.core.errors import (
    AccountExists,
    SignupDisabled,
    ValidationFailed,
)
from lingauth.models import Account, Backend, Identity, Session
from lingauth.services import confirmation, events, new_password, passwords, signin, turns, users
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.grants import Grant
from lingauth.services.notices import Notice, send

MAX_METADATA_BYTES = 16 * 1024
MAX_METADATA_KEYS = 64


@dataclass(frozen=True, slots=True)
class PendingConfirmation:
    """A sign-up that waits for its mail. ``account`` is not saved where the address was taken:
    the answer must not tell the two apart."""

    account: Account
    identities: tuple[Identity, ...] = ()


def sign_up(
    *,
    backend: Backend,
    email: object,
    password: object,
    data: object = None,
    client: ClientInfo,
) -> Grant | PendingConfirmation:
    """Make an account. With auto-confirm it is signed in at once, else a mail is sent.

    Raises SignupDisabled, ValidationFailed, WeakPassword; AccountExists only with auto-confirm,
    where the answer could not hide it anyway.
    """
    if not backend.signup_enabled:
        raise SignupDisabled
    key = addresses.normalise(email)
    text = passwords.normalise(password)
    metadata = _merged({}, data)
    passwords.check_strength(text, backend=backend, email=key)
    hashed = passwords.hashed(text)
    existing = Account.objects.filter(backend=backend, email_key=key).first()
    if existing is None:
        try:
            account, identity = _create(
                backend, str(email), key, hashed, metadata, client, backend.auto_confirm
            )
        except IntegrityError:  # the same address, signed up at the same moment
            existing = Account.objects.filter(backend=backend, email_key=key).first()
            if existing is None:  # a rule of the host's own user model: it knows this person
                raise AccountExists from None
    if existing is not None:
        return _already_there(backend, existing, str(email), metadata)
    if backend.auto_confirm:
        now = clock.now()
        return signin.start(
            backend,
            account,
            method=Method.PASSWORD,
            client=client,
            now=now,
            identities=[identity],
        )
    confirmation.request(backend=backend, account=account)
    return PendingConfirmation(account, (identity,))


def update(
    *,
    me: SignedIn,
    password: object = None,
    current_password: object = None,
    data: object = None,
    client: ClientInfo,
) -> Account:
    """Change one's own password or metadata. A new password ends every other session.

    An account with a factor needs fresh ``aal2`` for a password; one without needs its current
    password, or to have signed in within ten minutes. Raises InsufficientLevel (401, the clients'
    status here), ReauthenticationNeeded, CurrentPasswordInvalid, SamePassword, WeakPassword,
    ValidationFailed, TooManyAttempts.
    """
    _merged(me.account.user_metadata, data)  # refused before any hashing, if it has to be
    hashed = None
    if password is not None:
        hashed = new_password.judged(me, password, current_password, client)
    now = clock.now()
    values: dict[str, Any] = {"updated_at": now}
    with transaction.atomic(durable=True):
        me = turns.take(me)
        if data is not None:
            values["user_metadata"] = _merged(me.account.user_metadata, data)
        if hashed is not None:
            new_password.must_be_proven(me, now)
            values["password_changed_at"] = now
        Account.objects.filter(pk=me.account.pk).update(**values)
        if hashed is not None:
            get_user_model()._default_manager.filter(pk=me.account.user_id).update(password=hashed)
            others = Session.objects.filter(account=me.account).exclude(pk=me.session.pk)
            others.end(now=now, reason="password_changed")
            events.record_for(me, Kind.PASSWORD_CHANGED, client)
    for name, value in values.items():
        setattr(me.account, name, value)
    if hashed is not None:
        send(Notice.PASSWORD_CHANGED, backend=me.backend, account=me.account)
    return me.account


def _create(
    backend: Backend,
    email: str,
    key: str,
    hashed: str,
    metadata: dict[str, Any],
    client: ClientInfo,
    confirmed: bool,
) -> tuple[Account, Identity]:
    account = _new_account(backend, email, key, metadata, confirmed=confirmed)
    with transaction.atomic(durable=True):
        account.user = users.make_user(
            backend=backend, account_uuid=account.uuid, email=email, password=hashed
        )
        account.save(force_insert=True)
        identity = email_identity(account)
        identity.save(force_insert=True)
        events.record(Kind.SIGNED_UP, backend_id=backend.pk, client=client, account=account)
    return account, identity


def _already_there(
    backend: Backend, existing: Account, email: str, metadata: dict[str, Any]
) -> PendingConfirmation:
    """The answer for an address that is taken; its password is never replaced from here."""
    if backend.auto_confirm:
        raise AccountExists
    if existing.email_confirmed_at is None:
        confirmation.request(backend=backend, account=existing)
    shown = _new_account(backend, email, existing.email_key, metadata, confirmed=False)
    shown.confirmation_sent_at = clock.now()
    return PendingConfirmation(shown, (email_identity(shown),))


def _new_account(
    backend: Backend, email: str, key: str, metadata: dict[str, Any], *, confirmed: bool
) -> Account:
    now = clock.now()
    account = Account(
        backend=backend,
        email=email,
        email_key=key,
        email_confirmed_at=now if confirmed else None,
        app_metadata={"provider": "email", "providers": ["email"]},
        created_at=now,
        updated_at=now,
    )
    account.user_metadata = metadata | subject_data(account)
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


def _merged(current: Mapping[str, Any], data: object) -> dict[str, Any]:
    """Metadata with the given keys set, and those given as null removed. Bounded in size."""
    if data is None:
        return dict(current)
    if not isinstance(data, Mapping):
        raise ValidationFailed("data has to be an object.")
    merged = {k: v for k, v in {**current, **data}.items() if v is not None}
    if len(merged) > MAX_METADATA_KEYS or len(json.dumps(merged)) > MAX_METADATA_BYTES:
        raise ValidationFailed("data is at most 64 keys and 16 KiB.")
    return merged
