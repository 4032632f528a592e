"""A provider: somebody else's sign-in that a backend accepts."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from lingauth.core import clock
from lingauth.models.backend import Backend


class Provider(models.Model):
    """One provider of one backend. ``name`` is what apps call it and what identities say.

    ``kind`` says how to speak to it; ``issuer`` is the one issuer whose ID tokens are believed.
    ``secret`` is encrypted, bound to the row. ``trusts_email``: an address that this provider calls
    verified may lead to the account which has it.
    """

    class Kind(models.TextChoices):
        OIDC = "oidc", "OpenID Connect"
        GITHUB = "github", "GitHub"

    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="providers")
    name = models.CharField(max_length=40, validators=[RegexValidator(r"\A[a-z0-9][a-z0-9_:-]*\Z")])
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OIDC)
    label = models.CharField(max_length=80)
    issuer = models.URLField(max_length=300, blank=True)
    client_id = models.CharField(max_length=300)
    other_client_ids = models.JSONField(default=list, blank=True)
    secret = models.BinaryField(null=True)
    scopes = models.CharField(max_length=300, blank=True)
    trusts_email = models.BooleanField(default=True)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("label",)
        constraints = (
            models.UniqueConstraint(fields=("backend", "name"), name="lingauth_provider_once"),
        )

    def __str__(self) -> str:
        return self.name
