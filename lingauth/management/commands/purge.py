"""``purge``: removes what has expired."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.services import purge


class Command(BaseCommand):
    help = (
        "Remove ended sessions, stale challenges and other rows that can no longer matter, in "
        "batches, so that nothing is locked for long. Run it once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch", type=int, default=1000, metavar="N", help="rows per statement (1000)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch is a number from 1.")
        self.rows(purge.purge(batch=options["batch"]))
