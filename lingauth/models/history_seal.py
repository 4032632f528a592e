"""Seals over the events: after one of them, no event it covers changes or goes unseen."""

from __future__ import annotations

from django.db import models

from lingauth.core import clock
from lingauth.models.append_only import AppendOnly, AppendOnlyRows
from lingauth.models.backend import Backend


class HistorySealQuerySet(AppendOnlyRows, models.QuerySet["HistorySeal"]):
    """The chains that the seals make, one a backend and one of what belongs to none."""

    def last_of(self, backend_id: int | None) -> HistorySeal | None:
        """Where a chain ends."""
        return self.filter(backend=backend_id).order_by("-number").first()

    def reach(self) -> int:
        """The id of the last event that was sealed, of whatever backend; 0 before the first."""
        return self.aggregate(reach=models.Max("last_event_id"))["reach"] or 0


class HistorySeal(AppendOnly):
    """One link: ``rows`` has the id and the digest of each event (``core.history`` says how),
    ``head`` the digest of all this and of the head before, ``mark`` a keyed digest of ``head``.

    Two seals of a chain never have one number, so whoever seals twice at once seals once.
    """

    backend = models.ForeignKey(
        Backend,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # the first column of a constraint below
        null=True,
        related_name="history_seals",
    )
    number = models.PositiveBigIntegerField()
    last_event_id = models.PositiveBigIntegerField(db_index=True)
    sealed_at = models.DateTimeField(default=clock.now)
    form = models.PositiveSmallIntegerField()
    rows = models.BinaryField()
    head = models.BinaryField(max_length=32)
    mark = models.BinaryField(max_length=32)

    objects = HistorySealQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        ordering = ("backend_id", "number")
        constraints = (
            models.UniqueConstraint(fields=("backend", "number"), name="lingauth_historyseal_once"),
            models.UniqueConstraint(
                fields=("number",),
                condition=models.Q(backend=None),
                name="lingauth_historyseal_once_for_none",
            ),
        )

    def __str__(self) -> str:
        return f"{self.backend_id}:{self.number}"
