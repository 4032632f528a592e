"""Counts per day, for what is too frequent to be an event."""

from __future__ import annotations

from datetime import date

from django.db import connection, models

from lingauth.models.backend import Backend

_ADD = """
INSERT INTO lingauth_tally AS tally (backend_id, day, kind, count) VALUES (%s, %s, %s, 1)
ON CONFLICT (backend_id, day, kind) DO UPDATE SET count = tally.count + 1
"""


class TallyQuerySet(models.QuerySet["Tally"]):
    """Counting without losing a count."""

    def add(self, backend_id: int, day: date, kind: str) -> None:
        """Count one more, in one statement."""
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [backend_id, day.isoformat(), kind])


class Tally(models.Model):
    """How often ``kind`` happened at a backend on a UTC day."""

    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="tallies")
    day = models.DateField()
    kind = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tallies"
        constraints = (
            models.UniqueConstraint(fields=("backend", "day", "kind"), name="lingauth_tally_once"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.count}"
