"""Recovery codes: a set per person, each code usable once."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models

from lingauth.core import clock
from lingauth.models.account import Account
from lingauth.models.backend import Backend


class RecoverySet(models.Model):
    """The one set of an account. A new one replaces it, so old codes end at once."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="+")
    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="recovery_set")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.uuid)


class RecoveryCodeQuerySet(models.QuerySet["RecoveryCode"]):
    """Guarded use of a code."""

    def consume(self, *, set_id: int, digests: list[bytes], now: datetime) -> bool:
        """Use one unused code of this set. False: there is none such (left)."""
        return bool(
            self.filter(set_id=set_id, digest__in=digests, used_at=None).update(used_at=now)
        )


class RecoveryCode(models.Model):
    """A keyed digest of one code, and whether it was used."""

    set = models.ForeignKey(RecoverySet, on_delete=models.CASCADE, related_name="codes")
    position = models.PositiveSmallIntegerField()
    digest = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    objects = RecoveryCodeQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("set", "position"), name="lingauth_recoverycode_position_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.set_id}/{self.position}"
