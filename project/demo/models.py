"""A note: what the demo's data API serves."""

from __future__ import annotations

from django.db import models

from lingauth.core import clock
from lingauth.models import Account, Backend


class Note(models.Model):
    """A text of one account at one backend; public ones can be read without signing in."""

    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    body = models.TextField(default="", blank=True)
    is_public = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        # One for each half of the row policy, in the order of the key; the first column of both
        # also serves the backend's foreign key.
        indexes = (
            models.Index(fields=("backend", "is_public", "id"), name="demo_note_public"),
            models.Index(fields=("backend", "owner", "id"), name="demo_note_own"),
        )

    def __str__(self) -> str:
        return self.title
