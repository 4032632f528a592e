"""Looks for secrets where none may be: the whole database, logs, mails, addresses, error bodies."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.contrib.sessions.models import Session as ConsoleSession
from django.db import connection

_START = 6
"""Bytes by which the forms are looked up: as many as the shortest secret, a code, has."""


class Secrets:
    """Everything secret that went over the wire, in every form it could be kept in."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, Form]] = []
        self._by_start: dict[bytes, list[tuple[str, Form]]] = defaultdict(list)

    def add(self, name: str, value: str | bytes) -> None:
        raw = value.encode() if isinstance(value, str) else value
        forms = {raw, b64encode(raw).rstrip(b"="), urlsafe_b64encode(raw).rstrip(b"=")}
        forms |= {raw.hex().encode(), raw.hex().upper().encode()}
        for form in map(Form, forms):
            assert len(form.raw) >= _START, f"{name} is too short to be looked for"
            self.kept.append((name, form))
            self._by_start[form.raw[:_START]].append((name, form))

    def found_in(self, text: str | bytes) -> set[str]:
        raw = text.encode(errors="replace") if isinstance(text, str) else text
        starts = {raw[at : at + _START] for at in range(len(raw))} & self._by_start.keys()
        return {name for s in starts for name, form in self._by_start[s] if form.is_in(raw)}


class Form:
    """One way to write a secret. A short one counts where it is no part of something longer: six
    digits are in many a number, and each time has some behind its point."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        alone = rb"(?<![\w-])(?<!\d\.)" + re.escape(raw) + rb"(?![\w-])"
        self.alone = re.compile(alone) if len(raw) <= 12 else None

    def is_in(self, text: bytes) -> bool:
        return self.raw in text and (self.alone is None or self.alone.search(text) is not None)


def everything_stored() -> Iterator[tuple[str, bytes]]:
    """Each value of each column of each table, as bytes, with its place. JSON is text here."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    yield f"{table}.{name}", _bytes(value)
    for session in ConsoleSession.objects.all():
        yield "django_session, decoded", json.dumps(session.get_decoded()).encode()


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value).encode()
    return str(value).encode()
