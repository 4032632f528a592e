"""The mailbox of the tests: what the server's file backend wrote, read as a mail program does."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from email import message_from_string, policy
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

END = f"\n{'-' * 79}\n"


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        """The address to follow."""
        [found] = re.findall(r"^https?:\S+$", self.text, re.MULTILINE)
        return str(found)

    @property
    def link_token(self) -> str:
        return parse_qs(urlsplit(self.link).query)["token"][0]

    @property
    def code(self) -> str:
        """The six digits to type."""
        [found] = re.findall(r"\b\d{6}\b", self.text)
        return str(found)


@dataclass
class Mailbox:
    """``to`` waits for the next mail to an address that was not read yet."""

    directory: Path
    _read: set[str] = field(default_factory=set)

    def to(self, address: str, about: str = "") -> Mail:
        """With ``about``, the next whose text says that."""
        end = time.monotonic() + 15
        while time.monotonic() < end:
            for source in self._sources():
                if source in self._read or address not in source:
                    continue
                mail = _parsed(source)
                if address in mail.to and about in mail.text:
                    self._read.add(source)
                    return mail
            time.sleep(0.04)
        raise AssertionError(f"No mail to {address} came.")

    def _sources(self) -> list[str]:
        """Each whole mail. The piece after the last line of dashes is empty, or still written."""
        found: list[str] = []
        for file in sorted(self.directory.glob("*")):
            found += file.read_text().split(END)[:-1]
        return found


def _parsed(source: str) -> Mail:
    message = message_from_string(source, policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return Mail(str(message["to"]), str(message["subject"]), str(body.get_content()))
