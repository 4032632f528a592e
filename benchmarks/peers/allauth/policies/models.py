"""What the gated read asks about, beside allauth's own session."""

from __future__ import annotations

from django.db import models


class Policy(models.Model):
    """Whether two steps are required. One row."""

    mfa_required = models.BooleanField(default=True)

    def __str__(self) -> str:
        return "required" if self.mfa_required else "optional"
