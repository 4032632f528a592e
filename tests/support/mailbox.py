"""Reads the mail that a test caused, as the person would who gets it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from django.core import mail

_CODE = re.compile(r"\b\d{6}\b")
LINK = re.compile(r"https?://\S+/verify\?\S+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that carries a code, and perhaps a link."""

    to: str
    subject: str
    body: str

    @property
    def code(self) -> str:
        """The six digits in it. Fails if there are none, or more than one kind."""
        found = set(_CODE.findall(LINK.sub("", self.body)))
        assert len(found) == 1, self.body
        return str(found.pop())

    @property
    def link(self) -> str:
        """The address behind the button."""
        found = LINK.search(self.body)
        assert found is not None, self.body
        return found[0]

    @property
    def query(self) -> dict[str, str]:
        """The link's ``token``, ``type`` and ``redirect_to``."""
        return dict(parse_qsl(urlsplit(self.link).query))

    @property
    def token(self) -> str:
        return self.query["token"]


def letters(to: str | None = None) -> list[Letter]:
    """All mails so far, to one address or to any, the oldest first."""
    return [
        Letter(message.to[0], str(message.subject), str(message.body))
        for message in mail.outbox
        if to is None or message.to == [to]
    ]


def newest(to: str | None = None) -> Letter:
    """The newest mail. Fails if there is none."""
    found = letters(to)
    assert found, f"no mail to {to}; there are {[letter.to for letter in letters()]}"
    return found[-1]


def other_than(code: str) -> str:
    """Six digits that are not these."""
    return f"{(int(code) + 1) % 10**6:06d}"
