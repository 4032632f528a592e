"""What the commands share: a backend by its ref, errors as sentences, rows that line up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lingauth.core.errors import DomainError
from lingauth.models import Backend
from lingauth.services.context import Actor, ClientInfo


class Command(BaseCommand):
    """A command over the services. A domain error ends it with its message and exit code 1."""

    client = ClientInfo(user_agent="manage.py")

    @property
    def actor(self) -> Actor:
        """Who the events and policy versions name."""
        return Actor.system(f"manage.py {self.__class__.__module__.rpartition('.')[2]}")

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def backend(self, ref: str) -> Backend:
        """The backend of that ref. Raises CommandError, naming the ones there are."""
        try:
            return Backend.objects.get(ref=ref)
        except Backend.DoesNotExist:
            refs = list(Backend.objects.order_by("ref").values_list("ref", flat=True)[:10])
            known = f"There are: {', '.join(refs)}." if refs else "There is none yet."
            raise CommandError(f"There is no backend {ref!r}. {known}") from None

    def rows(self, values: Mapping[str, object]) -> None:
        """Print names and values in two columns."""
        width = max(map(len, values), default=0)
        for name, value in values.items():
            self.stdout.write(f"{name:<{width}}  {value}")
