"""The one thread of a process that sends waiting mail, there only while something waits."""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Condition, Thread

from django.db import connections

from lingauth.core import clock

log = logging.getLogger("lingauth.mail")

_LOOK_AGAIN = timedelta(minutes=1)
"""How long it sleeps at most: other processes put work off and die, too."""
_AFTER_TROUBLE = timedelta(seconds=30)
_PATIENCE = 5.0
"""Seconds that the end of the process waits for a mail that is on its way."""


class Postman:
    """Runs ``round`` when called, and again when that says the next mail is due.

    ``round`` answers when that is, or None once nothing waits; the thread ends then. It holds no
    database connection while it sleeps. It is a daemon: a process may end at any time, and what was
    not sent still waits in the database.
    """

    _thread: Thread | None

    def __init__(self, round_: Callable[[], datetime | None]) -> None:
        self._round = round_
        self._forget()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def call(self) -> None:
        """There is work. Starts the thread, or wakes the one there is."""
        with self._condition:
            self._called = True
            if self._thread is not None:
                self._condition.notify()
            elif not self._closing:
                thread = Thread(target=self._run, name="lingauth-mail", daemon=True)
                thread.start()
                self._thread = thread

    def close(self, patience: float = _PATIENCE) -> None:
        """Let a mail that is on its way be finished, for as many seconds, and stop."""
        with self._condition:
            self._closing = True
            self._condition.notify()
            thread = self._thread
        if thread is not None:
            thread.join(patience)

    def _forget(self) -> None:
        """As new. A forked child has the memory of its parent, but none of its threads."""
        self._condition = Condition()
        self._thread = None
        self._called = False
        self._closing = False

    def _run(self) -> None:
        while True:
            with self._condition:
                self._called = False
            due = self._one_round()
            with self._condition:
                if self._called:
                    continue
                if due is None or self._closing:
                    # Decided under the lock: whoever calls after this starts a new thread.
                    self._thread = None
                    return
                pause = min(max(due - clock.now(), timedelta(seconds=1)), _LOOK_AGAIN)
                self._condition.wait(pause.total_seconds())

    def _one_round(self) -> datetime | None:
        try:
            return self._round()
        except Exception as error:  # the thread goes on, whatever the database answered
            log.error("Waiting mail could not be looked at: %s", type(error).__name__)
            return clock.now() + _AFTER_TROUBLE
        finally:
            connections.close_all()
