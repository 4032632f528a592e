"""Recovery codes: what one looks like, and what people may type for it."""

from __future__ import annotations

import re
import unicodedata
from secrets import choice

COUNT = 10
LENGTH = 16
"""16 characters of 32 are 80 bits (NIST SP 800-63B-4 section 4.2.1.1 asks for 64)."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})
_CODE = re.compile(rf"[{_ALPHABET}]{{{LENGTH}}}")


def new_codes() -> list[str]:
    """Ten distinct codes from the operating system's randomness, in Crockford's base 32."""
    codes: set[str] = set()
    while len(codes) < COUNT:
        codes.add("".join(choice(_ALPHABET) for _ in range(LENGTH)))
    return list(codes)


def parse_code(text: object) -> str | None:
    """The code a person typed, or None: case, spaces, dashes and look-alikes make no difference.

    This happens once, before anything counts or compares the code.
    """
    if not isinstance(text, str) or len(text) > 64:
        return None
    folded = unicodedata.normalize("NFKC", text).casefold()
    code = re.sub(r"[\s-]", "", folded).translate(_LOOKALIKES)
    return code if _CODE.fullmatch(code) else None


def grouped(code: str) -> str:
    """The code in groups of four, to read and to write down."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
