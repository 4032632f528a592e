"""An identity: one way in."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from lingauth.core import clock
from lingauth.models.account import Account
from lingauth.models.backend import Backend


class Identity(models.Model):
    """A provider's subject that signs in to an account. For ``email`` the account's own uuid."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=40)
    subject = models.CharField(max_length=255)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "identities"
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("backend", "provider", "subject"), name="lingauth_identity_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider}:{self.subject}"
