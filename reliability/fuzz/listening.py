"""Hears everything that any logger says, in both of the project's formats."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from project.operations.json_lines import JsonLines


class Listener(logging.Handler):
    """``lines`` since ``forget``. The line for people has the stack and the words of an exception,
    with those that it was raised from."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        formatters: Any = settings.LOGGING["formatters"]
        self._formats = (JsonLines(), logging.Formatter(formatters["line"]["format"]))

    def emit(self, record: logging.LogRecord) -> None:
        for form in self._formats:
            record.exc_text = None  # each format says it in its own way
            self.lines.append(form.format(record))

    def forget(self) -> None:
        self.lines.clear()


@contextmanager
def listening() -> Iterator[Listener]:
    """Everything from DEBUG on; but of Django's own loggers what the project lets them say: SQL and
    the addresses of refused requests are off in production."""
    heard, root = Listener(), logging.getLogger()
    quiet = {"django.db.backends": logging.INFO, "django.request": logging.ERROR}
    before = {name: logging.getLogger(name).level for name in quiet}
    level, handlers = root.level, root.handlers
    root.handlers = [heard]  # and nobody else: there are a hundred thousand lines
    root.setLevel(logging.DEBUG)
    for name, quietest in quiet.items():
        logging.getLogger(name).setLevel(quietest)
    try:
        yield heard
    finally:
        for name, was in before.items():
            logging.getLogger(name).setLevel(was)
        root.setLevel(level)
        root.handlers = handlers
