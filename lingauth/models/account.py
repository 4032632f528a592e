"""An account: one person at one backend."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F

from lingauth.core import clock
from lingauth.models.backend import Backend


class AccountQuerySet(models.QuerySet["Account"]):
    """Guarded changes of an account's own columns."""

    def hold(self, account_id: int) -> None:
        """Keep every other holder of this account waiting until the caller's transaction ends.

        An UPDATE that changes nothing: unlike a SELECT FOR UPDATE it works on every database, and
        as a transaction's first statement it never has to upgrade a read lock.
        """
        self.filter(pk=account_id).update(created_at=F("created_at"))

    def note_sign_in(self, account: Account, *, now: datetime) -> bool:
        """Note a sign-in to the account as it was read. False: its password or address was changed
        since, or it was banned or deleted."""
        as_read = self.filter(
            pk=account.pk,
            password_changed_at=account.password_changed_at,
            email_key=account.email_key,
            banned_until=account.banned_until,
            deleted_at=account.deleted_at,
        )
        return bool(as_read.update(last_sign_in_at=now))

    def confirm_email(self, account_id: int, *, email_key: str, now: datetime) -> bool:
        """Confirm the address, if it still is the account's and was not confirmed before."""
        return bool(
            self.filter(pk=account_id, email_key=email_key, email_confirmed_at=None).update(
                email_confirmed_at=now, updated_at=now
            )
        )


class Account(models.Model):
    """One person at one backend. The password is the host user's; everything else is here.

    An account without an address (anonymous, or by a provider that told none) has its own uuid as
    ``email_key``: unique, and never what an address is normalised to. ``adopted``: the user row was
    there before the account and stays when it goes. ``auto_confirmed``: nobody has shown that the
    address is theirs; the backend just does not ask.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    backend = models.ForeignKey(
        Backend, on_delete=models.CASCADE, related_name="accounts", db_index=False
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lingauth_account"
    )
    adopted = models.BooleanField(default=False)
    email = models.CharField(max_length=254, blank=True)
    email_key = models.CharField(max_length=254)
    email_confirmed_at = models.DateTimeField(null=True)
    auto_confirmed = models.BooleanField(default=False)
    confirmation_sent_at = models.DateTimeField(null=True)
    recovery_sent_at = models.DateTimeField(null=True)
    reauthentication_sent_at = models.DateTimeField(null=True)
    invited_at = models.DateTimeField(null=True)
    new_email = models.CharField(max_length=254, blank=True)
    email_change_sent_at = models.DateTimeField(null=True)
    is_anonymous = models.BooleanField(default=False)
    banned_until = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    mfa_enrolled_at = models.DateTimeField(null=True)
    last_sign_in_at = models.DateTimeField(null=True)
    password_changed_at = models.DateTimeField(null=True)
    user_metadata = models.JSONField(default=dict, blank=True)
    app_metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    objects = AccountQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("backend", "-created_at"), name="lingauth_account_newest"),)
        constraints = (
            models.UniqueConstraint(
                fields=("backend", "email_key"), name="lingauth_account_email_once"
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What people read where an account is named: its address, or its id."""
        return self.email or str(self.uuid)

    @property
    def has_address(self) -> bool:
        return "@" in self.email_key

    def is_barred(self, now: datetime) -> bool:
        """Whether the account is banned or deleted at ``now``."""
        banned = self.banned_until is not None and now < self.banned_until
        return banned or self.deleted_at is not None
