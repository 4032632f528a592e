"""API keys: the anon key of a backend's apps, the service key of its servers."""

from __future__ import annotations

from django.db import models

from lingauth.core import clock
from lingauth.models.backend import Backend


class ApiKey(models.Model):
    """An opaque key with 256 random bits. A service key is stored as a digest only."""

    class Role(models.TextChoices):
        ANON = "anon", "Anon"
        SERVICE = "service", "Service"

    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="api_keys")
    role = models.CharField(max_length=8, choices=Role)
    digest = models.CharField(max_length=64, unique=True)
    value = models.CharField(max_length=80, blank=True)
    hint = models.CharField(max_length=24)
    label = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role="anon") | models.Q(value=""),
                name="lingauth_apikey_service_is_digest_only",
            ),
        )

    def __str__(self) -> str:
        return self.hint
