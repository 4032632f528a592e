"""``revoke_api_key``: a key that leaked, or that nobody needs any more."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.services import api_keys


class Command(BaseCommand):
    help = (
        "Refuse an API key from the next request on, on every server. There is no way back; to "
        "replace a key while it works, see create_api_key --replaces."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ref", help="the backend")
        parser.add_argument("id", type=int, help="the key's id, as list_api_keys shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        key = api_keys.revoke(
            backend=self.backend(options["ref"]), key_id=options["id"], actor=self.actor
        )
        self.rows({"revoked": key.hint, "label": key.label or "-"})
