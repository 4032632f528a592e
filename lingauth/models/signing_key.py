"""A backend's keys for signing access tokens."""

from __future__ import annotations

from django.db import models

from lingauth.core import clock
from lingauth.models.backend import Backend


class SigningKey(models.Model):
    """An ES256 key pair. The private half is encrypted and bound to this row's ``kid``."""

    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="signing_keys")
    kid = models.CharField(max_length=43, unique=True)
    algorithm = models.CharField(max_length=8, default="ES256")
    secret = models.BinaryField()
    public = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)
    activates_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-activates_at",)

    def __str__(self) -> str:
        return self.kid
