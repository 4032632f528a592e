"""``adopt_users``: accounts for the users a project already has."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.services import adoption


class Command(BaseCommand):
    help = (
        "Give each active user of this project an account on a backend, so that they sign in there "
        "with the passwords they have. Users without an e-mail address, and a second user with the "
        "same one, are left out and counted. Run again, it goes on with those who are new."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--backend", required=True, metavar="REF")

    def handle(self, *args: Any, **options: Any) -> None:
        result = adoption.adopt_users(backend=self.backend(options["backend"]), actor=self.actor)
        self.rows(
            {
                "adopted": result.adopted,
                "without an address": result.without_address,
                "address taken": result.address_taken,
            }
        )
