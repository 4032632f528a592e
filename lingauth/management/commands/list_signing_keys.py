"""``list_signing_keys``: which keys sign and verify a backend's access tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.services import keys


class Command(BaseCommand):
    help = (
        "Show a backend's signing keys, newest first. One signs; a published one will; a retiring "
        "one only verifies what it signed. To change them, see rotate_keys."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ref", help="the backend")

    def handle(self, *args: Any, **options: Any) -> None:
        for found in keys.list_all(backend=self.backend(options["ref"])):
            key = found.key
            self.rows(
                {
                    "kid": key.kid,
                    "state": found.state.value,
                    "signs from": _time(key.activates_at),
                    "verifies until": _time(key.revoked_at or key.expires_at),
                }
            )
            self.stdout.write("")


def _time(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else "-"
