"""Events: the audit rows. Written once, never changed."""

from __future__ import annotations

from django.db import models

from lingauth.core import clock
from lingauth.models.append_only import AppendOnly, AppendOnlyRows
from lingauth.models.backend import Backend


class EventQuerySet(AppendOnlyRows, models.QuerySet["Event"]):
    """Events, to read and to append to."""


class Event(AppendOnly):
    """One thing that happened. It outlives the rows it speaks of and so holds names, not keys."""

    backend = models.ForeignKey(
        Backend,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # the first column of an index below
        null=True,
        related_name="events",
    )
    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=40)
    result = models.CharField(max_length=8, default="ok")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64, blank=True)
    account_uuid = models.UUIDField(null=True)
    session_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=256, blank=True)
    data = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("backend", "-at"), name="lingauth_event_backend"),
            models.Index(fields=("account_uuid", "-at"), name="lingauth_event_account"),
        )

    def __str__(self) -> str:
        return self.kind
