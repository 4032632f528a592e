"""``create_api_key``: one more key of a backend, or the successor of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.management.values import whole
from lingauth.models import ApiKey
from lingauth.services import api_keys


class Command(BaseCommand):
    help = (
        "Make an anon key (for a backend's apps; public) or a service key (for its servers; "
        "secret). Several work at once. A service key is shown this once; only a digest of it is "
        "kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ref", help="the backend")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--role", choices=ApiKey.Role.values, help="the kind of a further key")
        what.add_argument(
            "--replaces",
            type=int,
            metavar="ID",
            help="make the successor of this key instead (list_api_keys shows the ids)",
        )
        parser.add_argument("--label", default="", help="what it is for, such as a server's name")
        parser.add_argument(
            "--overlap",
            metavar="TIME",
            help="with --replaces: how long the old key still works, such as 90m or 7d; 0 ends it "
            "at once (default: 24h)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        backend = self.backend(options["ref"])
        if options["replaces"] is None:
            if options["overlap"] is not None:
                raise CommandError("--overlap goes with --replaces.")
            made = api_keys.create(
                backend=backend, role=options["role"], label=options["label"], actor=self.actor
            )
            ends = {}
        else:
            if options["label"]:
                raise CommandError("A successor keeps the label of the key it replaces.")
            overlap = api_keys.OVERLAP
            if options["overlap"] is not None:
                overlap = timedelta(seconds=whole("--overlap", options["overlap"]))
            made = api_keys.rotate(
                backend=backend, key_id=options["replaces"], overlap=overlap, actor=self.actor
            )
            ends = {"the old key works for": overlap}
        self.rows({"id": made.key.pk, f"{made.key.role}_key": made.value, **ends})
