"""``verify_history``: shows whether an event was changed, deleted or added since it was sealed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from lingauth.management.base import Command as BaseCommand
from lingauth.management.commands.seal_history import head
from lingauth.services.history import checking
from lingauth.services.history.chains import NONE, Anchor, anchors_in


class Command(BaseCommand):
    help = (
        "Recompute the seals of the history and name each event that was changed, deleted or added "
        "since it was sealed. Give heads from a log that is kept elsewhere, or nothing shows "
        "whether the end of the history was cut off. Changes nothing; ends with status 1 if "
        "something is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--backend", metavar="REF", help=f"the events of this backend ({NONE}: of none) alone"
        )
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="REF:NUMBER:HEX",
            help="a head that has to be there",
        )
        parser.add_argument(
            "--heads",
            metavar="FILE",
            help="a log of lingauth.history: every head in it has to be there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        only = None
        if ref := options["backend"]:
            only = [None if ref == NONE else self.backend(ref).pk]
        report = checking.check(only=only, anchors=_heads(options["head"], options["heads"]))
        if report.newer:
            self.stdout.write(f"{report.newer} newer events are not sealed yet.")
        if options["heads"] and report.heads == len(options["head"]):
            raise CommandError(f"There is no head of a history in {options['heads']}.")
        if not report.whole:
            for sentence in report.sentences():
                self.stdout.write(sentence)
            raise CommandError("The history is not whole.")
        heads = f" All {report.heads} heads are there." if report.heads else ""
        self.stdout.write(f"{report.events} events in {report.seals} seals, whole.{heads}")


def _heads(given: list[str], path: str | None) -> Iterator[Anchor]:
    yield from map(head, given)
    if path is None:
        return
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                yield from anchors_in(line)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
