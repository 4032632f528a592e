"""Accounts: reading, making and changing them from a backend's own servers. No mail is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.errors import EmailExists, ValidationFailed
from lingauth.models import Account, Backend, Identity
from lingauth.services import endings, grants, new_account, users
from lingauth.services.admin import finding, making, values
from lingauth.services.admin.by import By
from lingauth.services.admin.values import Given
from lingauth.services.events import Kind
from lingauth.services.grants import Profile


def get(*, backend: Backend, account_uuid: UUID) -> Profile:
    """One account, deleted ones too. Raises AccountNotFound."""
    return grants.profile(finding.find(backend=backend, account_uuid=account_uuid))


def create(*, by: By, given: Given) -> Profile:
    """Make an account. Without a password it is entered by a mailed code or link.

    Raises ValidationFailed, WeakPassword, EmailExists, AccountExists for an id that is taken.
    """
    if not given.email:
        raise ValidationFailed("Cannot create a user without either an email or phone")
    key, now = addresses.normalise(given.email), clock.now()
    account_uuid = values.account_id(given.id)
    user_metadata = new_account.merged({}, given.user_metadata)
    app_metadata = values.app_metadata(making.EMAIL, given.app_metadata)
    until = values.banned_until(values.ban(given.ban_duration), now)
    if Account.objects.filter(backend=by.backend, email_key=key).exists():
        raise EmailExists
    hashed = values.hashed(given, backend=by.backend, email_key=key)
    return making.make(
        by=by,
        kind=Kind.ACCOUNT_CREATED,
        email=given.email,
        hashed=hashed,
        user_metadata=user_metadata,
        app_metadata=app_metadata,
        account_uuid=account_uuid,
        email_confirmed_at=now if given.email_confirm else None,
        banned_until=until,
        told={"banned_until": until.isoformat()} if until else None,
    )


def update(*, by: By, account_uuid: UUID, given: Given) -> Profile:
    """Set what is given at once, without asking the owner. The rest stays.

    A new password, a new address and a ban end every session and void what was mailed. Raises
    AccountNotFound, ValidationFailed, WeakPassword, EmailExists; NotAdmin for a password or an
    address of somebody who runs the site.
    """
    account = finding.find(backend=by.backend, account_uuid=account_uuid)
    key = addresses.normalise(given.email) if given.email else account.email_key
    new_account.merged(account.user_metadata, given.user_metadata)  # refused before any hashing
    values.app_metadata(account.app_metadata, given.app_metadata)
    lasts = values.ban(given.ban_duration)
    hashed = values.hashed(given, backend=by.backend, email_key=key)
    if hashed is not None or key != account.email_key:
        finding.must_not_be_staff(account)
    now = clock.now()
    try:
        with transaction.atomic(durable=True):
            account = finding.take(backend=by.backend, account=account)
            _Change(by, account, now).make(given, hashed, lasts)
    except IntegrityError:
        raise EmailExists from None
    return grants.profile(account)


@dataclass(slots=True)
class _Change:
    """One update: what it sets, what it ends, and the events it is."""

    by: By
    account: Account
    now: datetime
    columns: dict[str, Any] = field(default_factory=dict)
    ends: str = ""

    def make(self, given: Given, hashed: str | None, lasts: timedelta | None) -> None:
        if given.email:
            self._email(given.email)
        if given.email_confirm:
            self._confirm()
        self._metadata(given)
        if hashed is not None:
            self._password(hashed)
        if lasts is not None:
            self._ban(lasts)
        if not self.columns:
            return
        self._set(updated_at=self.now)
        Account.objects.filter(pk=self.account.pk).update(**self.columns)
        if self.columns.keys() & {"email", "email_confirmed_at"}:
            self._identity()
        if self.ends:
            endings.end_all(self.account, now=self.now, reason=self.ends)

    def _email(self, email: str) -> None:
        if email == self.account.email:
            return
        key = addresses.normalise(email)
        moved = key != self.account.email_key
        self._set(email=email, email_key=key)
        metadata = self.account.user_metadata
        if "email" in metadata:  # those of a sign-up repeat it
            self._set(user_metadata=metadata | {"email": email})
        users.set_email(self.account.user_id, email)
        if moved:
            app_metadata = making.EMAIL | self.account.app_metadata
            self._set(is_anonymous=False, app_metadata=app_metadata)
            self.ends = "email_changed"
            self._record(Kind.EMAIL_CHANGED)

    def _confirm(self) -> None:
        if self.account.email_confirmed_at is None and self.account.has_address:
            metadata = self.account.user_metadata | {"email_verified": True}
            self._set(email_confirmed_at=self.now, user_metadata=metadata)
            self._record(Kind.EMAIL_CONFIRMED)

    def _metadata(self, given: Given) -> None:
        wanted = {
            "user_metadata": new_account.merged(self.account.user_metadata, given.user_metadata),
            "app_metadata": values.app_metadata(self.account.app_metadata, given.app_metadata),
        }
        changed = {k: v for k, v in wanted.items() if v != getattr(self.account, k)}
        if changed:
            self._set(**changed)
            self._record(Kind.ACCOUNT_UPDATED, changed=sorted(changed))

    def _password(self, hashed: str) -> None:
        rows = get_user_model()._default_manager.filter(pk=self.account.user_id)
        rows.update(password=hashed)
        self._set(password_changed_at=self.now)
        self.ends = "password_changed"
        self._record(Kind.PASSWORD_CHANGED)

    def _ban(self, lasts: timedelta) -> None:
        until = values.banned_until(lasts, self.now)
        if until is None and self.account.banned_until is None:
            return
        self._set(banned_until=until)
        if until is None:
            self._record(Kind.ACCOUNT_UNBANNED)
        else:
            self.ends = "banned"
            self._record(Kind.ACCOUNT_BANNED, until=until.isoformat())

    def _identity(self) -> None:
        """The e-mail identity says what the account says; one that had no address gets one."""
        identity = new_account.email_identity(self.account)
        Identity.objects.update_or_create(
            backend=self.by.backend,
            provider="email",
            subject=identity.subject,
            defaults={"account": self.account, "data": identity.data, "updated_at": self.now},
        )

    def _set(self, **columns: Any) -> None:
        self.columns |= columns
        for name, value in columns.items():
            setattr(self.account, name, value)

    def _record(self, kind: Kind, **data: Any) -> None:
        self.by.record(kind, self.account, **data)
