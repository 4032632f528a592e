"""Operators: Django users with a role on a backend."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from lingauth.core import clock
from lingauth.models.backend import Backend


class Operator(models.Model):
    """A role of one user on one backend. An account is not an operator, whatever its user row."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        VIEWER = "viewer", "Viewer"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lingauth_roles"
    )
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="operators")
    role = models.CharField(max_length=8, choices=Role)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "backend"), name="lingauth_operator_once"),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.backend_id}"
