"""``rotate_keys``: a new signing key for a backend's access tokens."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.services import keys


class Command(BaseCommand):
    help = (
        "Make a new signing key. It is published now and signs in five minutes, when everybody can "
        "know it; the keys before it go on verifying what they signed, so that no request fails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ref", help="the backend")
        parser.add_argument("--now", action="store_true", help="let the new key sign at once")
        parser.add_argument(
            "--revoke",
            metavar="KID",
            help="after a leak: stop trusting this key at once, with every token it signed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        backend = self.backend(options["ref"])
        if kid := options["revoke"]:
            key = keys.revoke(backend=backend, kid=kid, actor=self.actor)
        else:
            key = keys.rotate(backend=backend, actor=self.actor, now=options["now"])
        self.rows({"kid": key.kid, "signs from": key.activates_at.isoformat(timespec="seconds")})
