"""Codes for tests, from RFC 6238 and RFC 4226 alone: it shares no line with the product."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import parse_qs, urlsplit


def hotp(secret: bytes, counter: int, *, digits: int = 6, digest: str = "sha1") -> str:
    """RFC 4226 section 5.3: HMAC, dynamic truncation, decimal."""
    mac = hmac.new(secret, counter.to_bytes(8, "big"), getattr(hashlib, digest)).digest()
    offset = mac[-1] & 0x0F
    value = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(value % 10**digits).zfill(digits)


def code_for(secret: bytes | str, at: float | None = None) -> str:
    """The six digits an authenticator shows at ``at`` (seconds; now by default).

    ``secret`` is raw bytes, or the base32 text with or without spaces.
    """
    if isinstance(secret, str):
        text = secret.replace(" ", "").upper()
        secret = base64.b32decode(text + "=" * (-len(text) % 8))
    return hotp(secret, int(time.time() if at is None else at) // 30)


def secret_of(uri: str) -> str:
    """The base32 secret in an ``otpauth://totp/…`` address, as a phone would read it."""
    parts = urlsplit(uri)
    if (parts.scheme, parts.netloc) != ("otpauth", "totp"):
        raise ValueError(f"not a TOTP address: {uri!r}")
    return parse_qs(parts.query)["secret"][0]
