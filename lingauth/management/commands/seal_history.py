"""``seal_history``: seals the events that came since the last time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.services.history import sealing
from lingauth.services.history.chains import Anchor, anchors_in


class Command(BaseCommand):
    help = (
        "Seal the events that came since the last time, so that verify_history shows whether one "
        "was changed, deleted or added since. Run it every minute. Each new head is logged too: "
        "keep the log of lingauth.history elsewhere, and an end that was cut off shows as well."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--accept",
            action="append",
            default=[],
            metavar="REF:NUMBER:HEX",
            help="go on from this head, although its key is gone",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        accepted = [head(given) for given in options["accept"]]
        try:
            for anchor in sealing.seal(accepted=accepted):
                if options["verbosity"] > 0:
                    self.stdout.write(str(anchor))
        except sealing.Overtaken as other:
            self.stdout.write(other.message)


def head(given: str) -> Anchor:
    """A head as it is logged. Raises CommandError if it is none."""
    for anchor in anchors_in(given):
        if str(anchor) == given:
            return anchor
    raise CommandError(f"{given!r} is no head: those look like demo:12:8f8f…, with 64 hex digits.")
