"""How much an address, or a network, has caused."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, models

from lingauth.core.rates import Rate
from lingauth.models.backend import Backend

_CLAIM = """
INSERT INTO lingauth_maillimit AS rate (key, backend_id, began_at, count, last_at)
VALUES (%s, %s, {time}, 1, {time})
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN rate.began_at <= {time} THEN 1 ELSE rate.count + 1 END,
    began_at = CASE WHEN rate.began_at <= {time} THEN excluded.began_at ELSE rate.began_at END,
    last_at = excluded.last_at
WHERE rate.last_at <= {time} AND (rate.count < %s OR rate.began_at <= {time})
RETURNING count
"""


class RateLimitQuerySet(models.QuerySet["RateLimit"]):
    """Counting before it is done, in one statement."""

    def claim(self, rate: Rate, *, backend_id: int, now: datetime) -> bool:
        """Take the right to one more. False: they are used up, or the last is too recent.

        Without a cooldown the last is never too recent, though another node's clock be ahead.
        """
        time = connection.ops.adapt_datetimefield_value
        placeholder = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
        over = time(now - rate.within)
        not_since = time(now - rate.cooldown if rate.cooldown else now + rate.within)
        parameters = [
            *(rate.key, backend_id, time(now), time(now)),
            *(over, over, not_since, rate.limit, over),
        ]
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM.format(time=placeholder), parameters)
            return cursor.fetchone() is not None


class RateLimit(models.Model):
    """What happened since ``began_at``: mails, sign-ups without an address, wrong passwords.

    ``key`` is a digest that begins with the backend.
    """

    key = models.CharField(max_length=64, primary_key=True)
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    objects = RateLimitQuerySet.as_manager()

    class Meta:
        # What the table was called while mail was all it counted: a new name for it would end the
        # code that runs beside a migration.
        db_table = "lingauth_maillimit"
        indexes = (models.Index(fields=("last_at",), name="lingauth_maillimit_age"),)

    def __str__(self) -> str:
        return f"{self.count} since {self.began_at}"
