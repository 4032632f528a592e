"""TOTP: secrets, URIs, codes and the step they belong to. The only module that knows pyotp."""

from __future__ import annotations

import hmac
import re
import unicodedata
from base64 import b32encode
from datetime import datetime
from secrets import token_bytes

import pyotp

DIGITS = 6
PERIOD = 30
"""Seconds a code is shown for (RFC 6238 section 5.2)."""
_LATE_STEPS = 10
WINDOW = 1
"""Steps accepted on either side of the server's own, for phones that are half a minute off."""
SECRET_BYTES = 20
"""160 bits, the length of the HMAC's hash (RFC 4226 section 4, R6)."""

_CODE = re.compile(r"[0-9]{6}")
_SEPARATORS = re.compile(r"[ \u00a0-]")


def new_secret() -> bytes:
    """160 random bits from the operating system."""
    return token_bytes(SECRET_BYTES)


def as_base32(secret: bytes) -> str:
    """The secret as authenticator apps take it. 20 bytes need no padding."""
    return b32encode(secret).decode()


def parse_code(text: object) -> str | None:
    """The six ASCII digits a person typed, or None.

    Digits of other scripts and full-width ones are folded (NFKC, then decimal values), spaces and
    dashes dropped. This happens once, before anything counts or compares the code.
    """
    if not isinstance(text, str) or len(text) > 32:
        return None
    folded = "".join(_ascii_digit(c) for c in unicodedata.normalize("NFKC", text))
    code = _SEPARATORS.sub("", folded)
    return code if _CODE.fullmatch(code) else None


def _ascii_digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def step_at(now: datetime) -> int:
    """The number of the 30-second step that ``now`` lies in."""
    return int(now.timestamp()) // PERIOD


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The step whose code this is, within one of now's; None if there is none.

    Every candidate is compared, each in constant time, so that time tells nothing. Where two
    steps share a code the newest wins, since burning it burns the older too (RFC 6238 section 5.2).
    """
    current = step_at(now)
    found: int | None = None
    for step in range(current - WINDOW, current + WINDOW + 1):
        if hmac.compare_digest(code_of(secret, step), code):
            found = step
    return found


def is_out_of_date(secret: bytes, code: str, now: datetime) -> bool:
    """Whether this was the code a few minutes ago, which speaks of a phone whose clock is late.

    Only codes that are past for good are told apart: one yet to come would be a hint worth having.
    """
    return any(
        hmac.compare_digest(code_of(secret, step_at(now) - back), code)
        for back in range(WINDOW + 1, _LATE_STEPS + 1)
    )


def provisioning_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """The ``otpauth://`` address to draw as a QR code. Names are percent-encoded by pyotp.

    A colon separates issuer and account in the label, so neither may bring its own.
    """
    return _generator(secret).provisioning_uri(
        name=account.replace(":", " "), issuer_name=issuer.replace(":", " ").strip() or "LingAuth"
    )


def code_of(secret: bytes, step: int) -> str:
    """The code of a step: what an authenticator shows then."""
    return _generator(secret).generate_otp(max(step, 0))


def _generator(secret: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(as_base32(secret), digits=DIGITS, interval=PERIOD)
