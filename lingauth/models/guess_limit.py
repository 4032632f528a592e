"""Counters of wrong guesses, in the database because a cache forgets."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, models

from lingauth.core.guesses import Rule
from lingauth.core.rates import Rate
from lingauth.models.account import Account
from lingauth.models.backend import Backend

_CLAIM = """
INSERT INTO lingauth_guesslimit AS guess
    (key, kind, backend_id, account_id, updated_at, failures)
SELECT %s, %s, CAST(%s AS bigint), CAST(%s AS bigint), {time}, 1
WHERE NOT EXISTS (
    SELECT 1 FROM lingauth_maillimit AS rate
    WHERE rate.key = %s AND rate.count >= %s AND rate.began_at > {time}
)
ON CONFLICT (key) DO UPDATE SET
    failures = guess.failures + 1,
    account_id = COALESCE(excluded.account_id, guess.account_id),
    locked_until = CASE
        WHEN (guess.failures + 1) %% %s <> 0 THEN NULL
        WHEN guess.failures + 1 <= %s THEN {time}
        WHEN guess.failures + 1 <= %s THEN {time}
        ELSE {time} END,
    updated_at = excluded.updated_at
WHERE guess.failures < %s AND (guess.locked_until IS NULL OR guess.locked_until <= {time})
RETURNING failures
"""


_NO_RATE = ("", 1, None)


class GuessLimitQuerySet(models.QuerySet["GuessLimit"]):
    """A guess is paid for before it is looked at, so that a burst of them is counted too."""

    def claim_attempt(
        self,
        key: str,
        rule: Rule,
        *,
        backend_id: int | None,
        account_id: int | None,
        now: datetime,
        unless: Rate | None = None,
    ) -> int | None:
        """Count one guess as wrong; its number in a row, or None if none may be made now: because
        of those before it, or because the rate ``unless`` is used up.

        One statement, which commits by itself. The guess that fills a burst sets the lock right
        here, so those that run beside it already meet it; ``release`` lifts it if it was right.
        """
        time = connection.ops.adapt_datetimefield_value
        waits = [time(now + wait) for wait in rule.waits]
        placeholder = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
        statement = _CLAIM.format(time=placeholder)
        parameters = [
            *(key, rule.kind, backend_id, account_id, time(now)),
            *((unless.key, unless.limit, time(now - unless.within)) if unless else _NO_RATE),
            *(rule.burst, rule.burst, waits[0], 2 * rule.burst, waits[1], waits[2]),
            *(rule.cap, time(now)),
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    def release(self, key: str, *, now: datetime) -> None:
        """The guess was right: its counter starts again."""
        self.filter(key=key).update(failures=0, locked_until=None, updated_at=now)

    def reopen(self, key: str, rule: Rule, *, now: datetime) -> None:
        """Let guesses at a secret that reached its cap begin again; leave lower counts alone."""
        self.filter(key=key, failures__gte=rule.cap).update(
            failures=0, locked_until=None, updated_at=now
        )


class GuessLimit(models.Model):
    """Wrong guesses in a row at one secret of one person. ``key`` is a digest: a guess may name any
    address, of any length.

    What each guess changes is in no index, so that PostgreSQL rewrites the row and nothing else.
    """

    key = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=12)
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, null=True, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")
    failures = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    objects = GuessLimitQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind}: {self.failures}"
