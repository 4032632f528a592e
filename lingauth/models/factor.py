"""A TOTP authenticator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django_otp.models import Device

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.models.account import Account
from lingauth.models.backend import Backend
from lingauth.models.session import Session

PURPOSE = "totp secret"


class FactorQuerySet(models.QuerySet["TotpFactor"]):
    """Guarded changes of a factor's own columns, never a full save."""

    def verified(self) -> FactorQuerySet:
        """Factors that once accepted a code."""
        return self.filter(confirmed=True)

    def devices_for_user(self, user: Any, confirmed: bool | None = None) -> FactorQuerySet:
        """What django-otp asks a device model's manager for."""
        mine = self.filter(user=user)
        return mine if confirmed is None else mine.filter(confirmed=confirmed)

    def burn_step(self, factor: TotpFactor, step: int, *, now: datetime) -> bool:
        """Use up a time step. False: it or a later one was used before (RFC 6238 section 5.2).

        The first step burnt also confirms the factor.
        """
        unused = Q(last_step=None) | Q(last_step__lt=step)
        values: dict[str, Any] = {"last_step": step, "last_used_at": now}
        if not factor.confirmed:
            values |= {"confirmed": True, "verified_at": now, "session": None}
        return bool(self.filter(unused, pk=factor.pk, confirmed=factor.confirmed).update(**values))


class TotpFactor(Device):
    """A TOTP authenticator of an account, or of an operator (then without account and backend).

    The integer key is django-otp's, ``uuid`` is the public name. The secret is AES-GCM under a key
    outside the database, bound to this row: moved to another row it no longer decrypts.
    """

    verifier: ClassVar[Callable[[TotpFactor, object], bool]]
    """What decides about a code; set by the app's start, as django-otp calls models and the
    decision is a service's."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, null=True, related_name="+")
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, related_name="factors", db_index=False
    )
    session = models.ForeignKey(
        Session, on_delete=models.SET_NULL, null=True, related_name="pending_factors"
    )
    secret = models.BinaryField()
    last_step = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    verified_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_challenged_at = models.DateTimeField(null=True)

    objects = FactorQuerySet.as_manager()

    class Meta:
        verbose_name = "TOTP factor"
        indexes = (models.Index(fields=("account", "confirmed"), name="lingauth_factor_account"),)
        constraints = (
            models.UniqueConstraint(
                fields=("account", "name"),
                condition=Q(confirmed=True),
                name="lingauth_factor_name_once",
            ),
        )

    def seal(self, secret: bytes) -> None:
        """Put a new secret into this row, encrypted."""
        self.secret = settings.keychain.encrypt(PURPOSE, secret, bound_to=self.binding())

    def open_secret(self) -> bytes:
        """The secret. Raises DecryptionFailed if the row's ciphertext is not its own."""
        return settings.keychain.decrypt(PURPOSE, bytes(self.secret), bound_to=self.binding())

    def verify_token(self, token: object) -> bool:
        """django-otp's door, with our limits on guesses and single use."""
        return type(self).verifier(self, token)

    def binding(self) -> bytes:
        """What the ciphertext is bound to: this row, its backend and its user."""
        return f"{self.backend_id}/{self.user_id}/{self.uuid}".encode()
