"""``reseal``: what is encrypted is written anew under the newest secret key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.services import resealing


class Command(BaseCommand):
    help = (
        "Encrypt authenticators, signing keys and providers' secrets under the newest secret key, "
        "and put a seal under it upon the history of each backend. "
        "Run it when every node writes with that key and the old one is a fallback. People notice "
        "nothing, and it may be run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch", type=int, default=500, metavar="N", help="rows read at a time (500)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch is a number from 1.")
        done = resealing.reseal(batch=options["batch"])
        verbs = dict.fromkeys(done, "written") | {"history": "sealed"}
        self.rows({name: _words(of, verbs[name]) for name, of in done.items()})
        if sets := resealing.recovery_code_sets():
            self.stdout.write(
                f"Recovery codes ({sets} sets) are kept as digests and stay under the key they "
                "were made with: without it, those made before no longer work."
            )
        if unreadable := sum(of.unreadable for of in done.values()):
            raise CommandError(
                f"{unreadable} rows are under a key that is not there. Put it into the fallbacks "
                "and run this again; nothing was lost."
            )


def _words(done: resealing.Resealed, verb: str) -> str:
    words = f"{done.rewritten} {verb} anew, {done.current} current before"
    return f"{words}, {done.unreadable} under a missing key" if done.unreadable else words
