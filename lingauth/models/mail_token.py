"""A mailed token: a link and a code for one purpose, of which one use counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, models

from lingauth.core import clock
from lingauth.models.account import Account
from lingauth.models.backend import Backend
from lingauth.models.flow import Flow

MAX_ATTEMPTS = 5

_CLAIM = """
UPDATE lingauth_mailtoken SET attempts = attempts + 1
WHERE backend_id = %s AND email_key = %s AND purpose IN ({purposes})
    AND used_at IS NULL AND created_at > {time} AND attempts < %s
RETURNING id
"""


class MailTokenQuerySet(models.QuerySet["MailToken"]):
    """Guarded steps, on the row's own columns."""

    def claim_attempts(
        self, *, backend: Backend, email_key: str, purposes: Sequence[str], since: datetime
    ) -> list[MailToken]:
        """Count one guess at each code that was mailed to the address ``since``, and answer those
        that had one left. For a transaction that is committed before anything is compared.

        The same two statements whether there is a code or not.
        """
        asked = self.filter(
            backend=backend,
            email_key=email_key,
            purpose__in=purposes,
            used_at=None,
            created_at__gt=since,
        )
        rows = list(asked.select_related("account__user", "flow"))
        statement = _CLAIM.format(
            purposes=", ".join(["%s"] * len(purposes)),
            time="%s::timestamptz" if connection.vendor == "postgresql" else "%s",
        )
        time = connection.ops.adapt_datetimefield_value(since)
        with connection.cursor() as cursor:
            cursor.execute(
                statement, [backend.pk, email_key, *map(str, purposes), time, MAX_ATTEMPTS]
            )
            counted = {row[0] for row in cursor.fetchall()}
        return [row for row in rows if row.pk in counted]

    def consume(self, token_id: int, *, now: datetime) -> bool:
        """Spend it. False: it was spent, replaced, or is too old."""
        return bool(self.filter(pk=token_id, used_at=None, expires_at__gt=now).update(used_at=now))


class MailToken(models.Model):
    """At most one for an account and a purpose: a new mail voids the one before.

    ``email_key`` is the address it was sent to. Only keyed digests are stored. ``password`` is a
    hash that the account gets when this token confirms it, so that a confirmation never approves a
    password which somebody else chose.
    """

    class Purpose(models.TextChoices):
        SIGNUP = "signup"
        INVITE = "invite"
        MAGICLINK = "magiclink"
        RECOVERY = "recovery"
        EMAIL_CHANGE_CURRENT = "email_change_current"
        EMAIL_CHANGE_NEW = "email_change_new"
        REAUTHENTICATION = "reauthentication"

    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="mail_tokens")
    purpose = models.CharField(max_length=20, choices=Purpose)
    email_key = models.CharField(max_length=254)
    code_digest = models.CharField(max_length=64)
    link_digest = models.CharField(max_length=64, unique=True)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, null=True, related_name="+")
    password = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = MailTokenQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "purpose"), name="lingauth_mailtoken_once"),
        )
        indexes = (
            models.Index(fields=("backend", "email_key"), name="lingauth_mailtoken_address"),
            models.Index(fields=("expires_at",), name="lingauth_mailtoken_expiry"),
        )

    def __str__(self) -> str:
        return self.purpose
