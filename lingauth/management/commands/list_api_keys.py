"""``list_api_keys``: which keys a backend has, and when each was last used."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from lingauth.core import clock
from lingauth.management.base import Command as BaseCommand
from lingauth.models import ApiKey
from lingauth.services import api_keys


class Command(BaseCommand):
    help = (
        "Show a backend's API keys, newest first. An anon key is shown whole, a service key by its "
        "last four characters. The time of the last use is exact to five minutes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ref", help="the backend")
        parser.add_argument("--all", action="store_true", help="with those that work no more")
        parser.add_argument("--json", action="store_true", help="print a JSON list instead")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        rows = [
            _row(key, now)
            for key in api_keys.list_all(backend=self.backend(options["ref"]))
            if options["all"] or key.is_alive(now)
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            self.rows({name: value or "-" for name, value in row.items()})
            self.stdout.write("")


def _row(key: ApiKey, now: datetime) -> dict[str, Any]:
    return {
        "id": key.pk,
        "role": key.role,
        "key": key.value or key.hint,
        "label": key.label,
        "made": _time(key.created_at),
        "last used": _time(key.last_used_at),
        "ends": _time(key.revoked_at or key.expires_at),
        "works": "yes" if key.is_alive(now) else "no",
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
