"""How much mail an address, or whoever asks for it, has caused."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, models

from lingauth.models.backend import Backend

HOUR = timedelta(hours=1)

_CLAIM = """
INSERT INTO lingauth_maillimit AS mail (key, backend_id, began_at, count, last_at)
VALUES (%s, %s, {time}, 1, {time})
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN mail.began_at <= {time} THEN 1 ELSE mail.count + 1 END,
    began_at = CASE WHEN mail.began_at <= {time} THEN excluded.began_at ELSE mail.began_at END,
    last_at = excluded.last_at
WHERE mail.last_at <= {time} AND (mail.count < %s OR mail.began_at <= {time})
RETURNING count
"""


class MailLimitQuerySet(models.QuerySet["MailLimit"]):
    """Counting before the mail is sent, in one statement."""

    def claim(
        self, key: str, *, backend_id: int, per_hour: int, cooldown: timedelta, now: datetime
    ) -> bool:
        """Take the right to one mail. False: the hour's are used up, or the last is too recent.

        Without a cooldown the last is never too recent, though another node's clock be ahead.
        """
        time = connection.ops.adapt_datetimefield_value
        placeholder = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
        hour_ago = time(now - HOUR)
        not_since = time(now - cooldown if cooldown else now + HOUR)
        parameters = [
            *(key, backend_id, time(now), time(now)),
            *(hour_ago, hour_ago, not_since, per_hour, hour_ago),
        ]
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM.format(time=placeholder), parameters)
            return cursor.fetchone() is not None


class MailLimit(models.Model):
    """Mails within an hour. ``key`` is a digest that begins with the backend."""

    key = models.CharField(max_length=64, primary_key=True)
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    objects = MailLimitQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("last_at",), name="lingauth_maillimit_age"),)

    def __str__(self) -> str:
        return f"{self.count} since {self.began_at}"
