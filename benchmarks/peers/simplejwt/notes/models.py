"""Notes: as those of LingAuth's demo."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Note(models.Model):
    """One row. Its owner reads it, and everybody if it is public."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    is_public = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title
