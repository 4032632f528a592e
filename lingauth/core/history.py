"""The form in which events are sealed: the same bytes on every database, in every release.

An event is digested column by column, each with its length in front, so that no two events share a
form. A later release that adds a column adds a form and keeps the old one: seals say which they are
in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from struct import iter_unpack, pack
from typing import Any

FORM = 1
"""The form that is written now."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROW = ">Q32s"
_ROW_BYTES = 40


def _text(value: Any) -> bytes:
    return str(value).encode("utf-8", "surrogatepass")


def _moment(value: datetime) -> bytes:
    """Microseconds since 1970."""
    return b"%d" % ((value - _EPOCH) // timedelta(microseconds=1))


def _address(value: str) -> bytes:
    """Not as text: an IPv6 address has several."""
    try:
        return ip_address(value).packed
    except ValueError:
        return _text(value)


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


COLUMNS: Mapping[str, Callable[[Any], bytes]] = {
    "id": _text,
    "backend_id": _text,
    "at": _moment,
    "kind": _text,
    "result": _text,
    "actor_kind": _text,
    "actor_id": _text,
    "account_uuid": _text,
    "session_id": _text,
    "request_id": _text,
    "ip": _address,
    "user_agent": _text,
    "data": _json,
}
"""The columns of an event in form 1, in their order, and how each is written."""


def digest(values: Sequence[Any]) -> bytes:
    """SHA-256 of an event's ``values``, which are in the order of ``COLUMNS``."""
    return _framed(
        None if value is None else write(value)
        for write, value in zip(COLUMNS.values(), values, strict=True)
    )


def packed(rows: Iterable[tuple[int, bytes]]) -> bytes:
    """Ids and digests in one column."""
    return b"".join(pack(_ROW, *row) for row in rows)


def unpacked(rows: bytes | memoryview) -> Iterator[tuple[int, bytes]]:
    """Ids and digests again. What is no whole row at the end is left out."""
    return iter_unpack(_ROW, rows[: len(rows) // _ROW_BYTES * _ROW_BYTES])


def head(
    before: bytes,
    *,
    backend_id: int | None,
    number: int,
    last_event_id: int,
    sealed_at: datetime,
    form: int,
    rows: bytes,
) -> bytes:
    """The head of a chain after this seal. ``before`` is the one before it, empty for the first."""
    return _framed(
        (
            before,
            None if backend_id is None else _text(backend_id),
            _text(number),
            _text(last_event_id),
            _moment(sealed_at),
            _text(form),
            rows,
        )
    )


def _framed(parts: Iterable[bytes | None]) -> bytes:
    """SHA-256 over parts that keep their boundaries; nothing is another part than the empty one."""
    made = sha256()
    for part in parts:
        made.update(b"\0" if part is None else b"\1" + len(part).to_bytes(8, "big") + part)
    return made.digest()
