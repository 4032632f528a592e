"""What the gated read asks about."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models


class Policy(models.Model):
    """Whether two steps are required. One row."""

    mfa_required = models.BooleanField(default=True)

    def __str__(self) -> str:
        return "required" if self.mfa_required else "optional"


class Session(models.Model):
    """One sign-in. Its id is in every token of it."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)
