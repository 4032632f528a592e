"""Rows that are written once. What the models refuse here, the database refuses too (0004)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from django.db import models

# Mixed in, not derived from: so each queryset is one of its own model's rows.
if TYPE_CHECKING:
    _Reading = models.QuerySet[Any]
else:
    _Reading = object


class AppendOnlyRows(_Reading):
    """Makes a queryset one that reads and appends. It is the base manager's too, which Django's own
    relations write through."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{self.model.__name__}: written once, never changed.")

    def delete(self) -> NoReturn:
        raise TypeError(f"{self.model.__name__}: written once, never deleted.")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts"):
            raise TypeError(f"{self.model.__name__}: written once, never changed.")
        return super().bulk_create(objs, *args, **kwargs)


class AppendOnly(models.Model):
    """A row that is never changed and never deleted."""

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__}: written once, never changed.")
        # Without this, a new instance with an old row's key would be written over that row.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__}: written once, never deleted.")
