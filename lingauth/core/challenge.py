"""Challenges without a table: an id that carries its own end and is bound to what it is for.

It is bound to how often the session was verified, so a success spends it, and to session and
factor, so it fits nowhere else. 90 bits of MAC in the shape of a UUID of version 8 (RFC 9562
section 5.8).
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

LIFE = 300
"""Seconds a challenge may be answered for."""


def make(key: bytes, *, bound_to: bytes, expires_at: datetime) -> UUID:
    """The id of the challenge that ends at ``expires_at`` (whole seconds)."""
    end = int(expires_at.timestamp()).to_bytes(4, "big")
    mac = hmac.digest(key, end + bound_to, sha256)[:12]
    value = bytearray(end + mac)
    value[6] = (value[6] & 0x0F) | 0x80
    value[8] = (value[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(value))


def is_open(challenge: UUID, key: bytes, *, bound_to: bytes, now: datetime) -> bool:
    """Whether we made it for exactly this, and its time has not come."""
    expires_at = datetime.fromtimestamp(int.from_bytes(challenge.bytes[:4], "big"), tz=UTC)
    expected = make(key, bound_to=bound_to, expires_at=expires_at)
    return hmac.compare_digest(expected.bytes, challenge.bytes) and now < expires_at
