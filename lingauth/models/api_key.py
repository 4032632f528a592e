"""API keys: the anon key of a backend's apps, the service key of its servers."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from lingauth.core import clock
from lingauth.models.backend import Backend


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Guarded changes of a key, each on columns of its own row."""

    def alive(self, now: datetime) -> ApiKeyQuerySet:
        """Keys that are accepted: neither revoked nor past their end."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def retire(self, key_id: int, *, backend_id: int, ends_at: datetime) -> bool:
        """Give a key its end. False for one that has an end already, or is revoked or foreign."""
        return bool(
            self.filter(pk=key_id, backend_id=backend_id, expires_at=None, revoked_at=None).update(
                expires_at=ends_at
            )
        )

    def revoke(self, key_id: int, *, backend_id: int, now: datetime) -> bool:
        """Refuse a key from now on. False if it was refused already, or is foreign."""
        live = self.alive(now).filter(pk=key_id, backend_id=backend_id)
        return bool(live.update(revoked_at=now))

    def touch(self, key_id: int, *, now: datetime, not_since: datetime) -> bool:
        """Note a use, unless one was noted after ``not_since``.

        Whoever finds the row locked leaves it: the holder is noting the same minute.
        """
        due = self.filter(Q(last_used_at=None) | Q(last_used_at__lte=not_since), pk=key_id)
        free = due.select_for_update(skip_locked=True).order_by().values("pk")
        return bool(self.filter(pk__in=free).update(last_used_at=now))


class ApiKey(models.Model):
    """An opaque key with 256 random bits. A service key is stored as a digest only.

    ``expires_at`` is the end of a key that another one replaces. ``hint`` is what people know a key
    by: its kind and its last four characters.
    """

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

    objects = ApiKeyQuerySet.as_manager()

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

    def is_alive(self, now: datetime) -> bool:
        """Neither revoked nor past its end."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
