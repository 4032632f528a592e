"""Mail that waits to be written and sent, so that no request waits for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce, Greatest

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

    def waiting(self) -> MailJobQuerySet:
        """What is still to be sent, due or not."""
        return self.filter(failed_at=None)

    def next_due(self) -> datetime | None:
        """When the next may be taken; None if nothing waits."""
        free_at = Greatest("due_at", Coalesce("taken_until", "due_at"))
        moment: datetime | None = self.waiting().aggregate(moment=Min(free_at))["moment"]
        return moment

    def take(self, job: MailJob, *, now: datetime) -> bool:
        """Take it. False: somebody else did."""
        return bool(
            self.filter(pk=job.pk, tries=job.tries, failed_at=None).update(
                tries=F("tries") + 1, taken_until=now + TAKEN_FOR
            )
        )

    def finish(self, job: MailJob) -> bool:
        """Delete what this taker has sent. False: it took too long, and another took the job."""
        return bool(self.filter(pk=job.pk, tries=job.tries).delete()[0])

    def put_off(self, job: MailJob, *, due_at: datetime) -> bool:
        """Give it back, to be tried again then. False: another took it meanwhile."""
        return bool(self.filter(pk=job.pk, tries=job.tries).update(due_at=due_at, taken_until=None))

    def give_up(self, job: MailJob, *, now: datetime) -> bool:
        """Try it no more. False: another took it meanwhile."""
        return bool(
            self.filter(pk=job.pk, tries=job.tries, failed_at=None).update(
                failed_at=now, taken_until=None
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
