"""The codec of refresh tokens and page cookies: a counter under a MAC, not a row of a table.

A token is ``version ‖ session id ‖ counter ‖ MAC``. The MAC's key is drawn from the session's own
secret (in the database) and a server key (not in the database), so a leak of either alone lets
nobody make one, and every old counter stays recognisable for as long as the session's row lives.
"""

from __future__ import annotations

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from uuid import UUID

VERSION = 1
_HEAD = struct.Struct(">B16sQ")
_MAC_BYTES = 32
_LENGTH = _HEAD.size + _MAC_BYTES


class Kind(bytes, Enum):
    """What a token is for. It is part of what is signed: one kind never passes as another."""

    REFRESH = b"refresh"
    COOKIE = b"cookie"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says of itself, before its MAC was checked."""

    session_id: UUID
    counter: int
    head: bytes
    mac: bytes

    def is_authentic(self, kind: Kind, secret: bytes, server_keys: Sequence[bytes]) -> bool:
        """Whether one of our server keys made it, for that session's secret."""
        # Every key is tried, so that time does not tell which one fits.
        matches = [
            hmac.compare_digest(_mac(kind, self.head, secret, key), self.mac) for key in server_keys
        ]
        return any(matches)


def encode(kind: Kind, session_id: UUID, counter: int, secret: bytes, server_key: bytes) -> str:
    """The token of a session's counter: 76 characters of base64url, the same at every call."""
    head = _HEAD.pack(VERSION, session_id.bytes, counter)
    return urlsafe_b64encode(head + _mac(kind, head, secret, server_key)).decode()


def decode(token: object) -> Claim | None:
    """The claim in a token, or None if it has not the shape of one. Each token has one spelling."""
    if not isinstance(token, str):
        return None
    try:
        raw = urlsafe_b64decode(token)
    except ValueError:
        return None
    if len(raw) != _LENGTH or urlsafe_b64encode(raw).decode() != token:
        return None
    version, session_id, counter = _HEAD.unpack_from(raw)
    if version != VERSION:
        return None
    return Claim(UUID(bytes=session_id), counter, raw[: _HEAD.size], raw[_HEAD.size :])


def _mac(kind: Kind, head: bytes, secret: bytes, server_key: bytes) -> bytes:
    key = hmac.digest(server_key, secret, sha256)
    return hmac.digest(key, kind.value + b"\x00" + head, sha256)
