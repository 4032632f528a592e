"""``deliver_mail``: sends the mail that waits."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connections

from lingauth.core import clock
from lingauth.management.base import Command as BaseCommand
from lingauth.services import outbox


class Command(BaseCommand):
    help = (
        "Send the mail that is due, and say what is left. With --watch go on until stopped: that "
        'is the worker for LINGAUTH["MAIL_DELIVERY"] = "queue". Any number may run at once.'
    )
    stopping = False
    idle = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument(
            "--pause",
            type=float,
            default=2.0,
            metavar="S",
            help="seconds between two looks while nothing is due, with --watch (2)",
        )
        parser.add_argument("--limit", type=int, metavar="N", help="try no more than N mails")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["pause"] <= 0:
            raise CommandError("--pause is a number of seconds above 0.")
        if options["limit"] is not None and (options["watch"] or options["limit"] < 1):
            raise CommandError("--limit is a number from 1, and not for --watch.")
        if options["watch"]:
            with self._told_to_stop():
                self._watch(options["pause"])
        else:
            self._report(outbox.drain(options["limit"]), outbox.look())

    def _watch(self, pause: float) -> None:
        """Round after round. It says something when something changed, not at each look."""
        self.stdout.write("Waiting for mail. Stop with Ctrl-C.")
        self.stdout.flush()
        before: outbox.Waiting | None = None
        while not self.stopping:
            sent = outbox.drain(stop=lambda: self.stopping)
            state = outbox.look()
            if sent or (before is not None and state != before):
                self._report(sent, state)
            before = state
            self._wait(pause)
        self.stdout.write("Stopped. What was not sent still waits.")

    def _wait(self, pause: float) -> None:
        """Until the next look. No database connection is held meanwhile."""
        connections.close_all()
        self.idle = not self.stopping
        try:
            if self.idle:
                time.sleep(pause)
        except KeyboardInterrupt:
            pass
        finally:
            self.idle = False

    @contextmanager
    def _told_to_stop(self) -> Iterator[None]:
        """Ctrl-C, and what a service manager sends: the mail on its way is finished first."""

        def stop(*_: object) -> None:
            self.stopping = True
            if self.idle:
                raise KeyboardInterrupt

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _report(self, sent: int, state: outbox.Waiting) -> None:
        waiting = str(state.waiting)
        if state.next_due:
            waiting += f", the next is due {_in(state.next_due)}"
        self.rows({"sent": sent, "waiting": waiting, "failed": state.failed})
        self.stdout.flush()


def _in(moment: datetime) -> str:
    seconds = round((moment - clock.now()).total_seconds())
    return f"in {timedelta(seconds=seconds)}" if seconds > 0 else "now"
