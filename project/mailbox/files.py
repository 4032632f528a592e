"""The mails in the directory that Django's file-based backend writes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from django.conf import settings

SHOWN = 200
"""The mailbox shows that many files, the newest; the rest stays in the directory."""
_FILES = "*.log"
_BETWEEN = re.compile(rb"^-{79}\n", re.MULTILINE)
"""What the backend writes after each mail: one file may hold several."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that was sent. ``key`` is its place in the directory."""

    key: str
    message: EmailMessage
    at: datetime

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def sender(self) -> str:
        return str(self.message.get("From", ""))

    @property
    def recipients(self) -> str:
        return str(self.message.get("To", ""))

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part as it was sent; empty if the mail has none."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


def are_kept() -> bool:
    """Whether mail goes to files here, and not to people."""
    return bool(settings.EMAIL_BACKEND.endswith(".filebased.EmailBackend"))


def newest() -> list[Mail]:
    """The mails, newest first."""
    # The names begin with the time of writing. With equal times what was written later is newer.
    files = sorted(_directory().glob(_FILES), key=lambda file: (file.name[:15], _written(file)))
    mails = [mail for file in files[-SHOWN:] for mail in _read(file)]
    mails.sort(key=lambda mail: mail.at)
    return mails[::-1]


def find(key: str) -> Mail | None:
    """The mail of that key. The key names no path: it is looked for among those there are."""
    name, _, _number = key.rpartition("-")
    for file in _directory().glob(_FILES):
        if file.stem == name:
            return next((mail for mail in _read(file) if mail.key == key), None)
    return None


def _directory() -> Path:
    path: str = getattr(settings, "EMAIL_FILE_PATH", "")  # no setting of Django's own has it
    return Path(path)


def _written(file: Path) -> int:
    return file.stat().st_mtime_ns


def _read(file: Path) -> Iterator[Mail]:
    parts = _BETWEEN.split(file.read_bytes())
    for number, raw in enumerate(part for part in parts if part.strip()):
        message = message_from_bytes(raw, policy=default)
        yield Mail(f"{file.stem}-{number}", message, _date(message, file))


def _date(message: EmailMessage, file: Path) -> datetime:
    moment = getattr(message.get("Date"), "datetime", None)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
