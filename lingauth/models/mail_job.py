"""Mail that waits to be written and sent, so that no request waits for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from lingauth.core import clock
from lingauth.models.backend import Backend

TAKEN_FOR = timedelta(minutes=2)
"""How long a job belongs to whoever took it. Should that process die, another takes it then."""


class MailJobQuerySet(models.QuerySet["MailJob"]):
    """Jobs are taken by guarded updates: no two processes work on the same one."""

    def due(self, now: datetime) -> MailJobQuerySet:
        """What may be taken, the longest waiting first."""
        free = Q(taken_until=None) | Q(taken_until__lte=now)
        return self.filter(free, due_at__lte=now, failed_at=None).order_by("due_at", "pk")

    def take(self, job: MailJob, *, now: datetime) -> bool:
        """Take it. False: somebody else did."""
        return bool(
            self.filter(pk=job.pk, tries=job.tries, failed_at=None).update(
                tries=F("tries") + 1, taken_until=now + TAKEN_FOR
            )
        )


class MailJob(models.Model):
    """One mail to be. ``payload`` is encrypted and bound to the row's ``kind`` and backend."""

    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    payload = models.BinaryField()
    created_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    taken_until = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    objects = MailJobQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("due_at",),
                condition=Q(failed_at=None),
                name="lingauth_mailjob_due",
            ),
        )

    def __str__(self) -> str:
        return self.kind
