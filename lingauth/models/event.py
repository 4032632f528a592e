"""Events: the audit rows. Written once, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models

from lingauth.core import clock
from lingauth.models.backend import Backend


class EventQuerySet(models.QuerySet["Event"]):
    """A queryset that reads and appends. It is the base manager too, which Django's own relations
    write through."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("An event is never changed.")

    def delete(self) -> NoReturn:
        raise TypeError("An event is never deleted here.")

    def bulk_create(self, objs: Iterable[Event], *args: Any, **kwargs: Any) -> list[Event]:
        if kwargs.get("update_conflicts"):
            raise TypeError("An event is never changed.")
        return super().bulk_create(objs, *args, **kwargs)


class Event(models.Model):
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

    class Meta:
        base_manager_name = "objects"
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("backend", "-at"), name="lingauth_event_backend"),
            models.Index(fields=("account_uuid", "-at"), name="lingauth_event_account"),
        )

    def __str__(self) -> str:
        return self.kind

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An event is never changed.")
        # Without this, a new instance with an old row's key would be written over that row.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("An event is never deleted here.")
