"""E-mail addresses: one form to look up by, the given one to write to."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from lingauth.core.errors import ValidationFailed

MAX_LENGTH = 254
_BAD_ADDRESS = "Unable to validate email address: invalid format"


def normalise(address: object) -> str:
    """The form an address is looked up by: domain in IDNA and lower case, local part case-folded.

    Raises ValidationFailed for anything but exactly one address, and for one whose meaning would
    change under Unicode compatibility (``@`` or ``.`` look-alikes).
    """
    if not isinstance(address, str) or len(address) > MAX_LENGTH:
        raise ValidationFailed(_BAD_ADDRESS)
    folded = unicodedata.normalize("NFKC", address)
    if _structure(folded) != _structure(address):
        raise ValidationFailed(_BAD_ADDRESS)
    local, _, domain = folded.rpartition("@")
    try:
        key = f"{local.casefold()}@{domain.encode('idna').decode().lower()}"
        validate_email(key)
    except (ValidationError, UnicodeError):
        raise ValidationFailed(_BAD_ADDRESS) from None
    if len(key) > MAX_LENGTH:
        raise ValidationFailed(_BAD_ADDRESS)
    return key


def mask(address: str) -> str:
    """The address as shown to somebody who may not be its owner: ``a•••@example.com``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _structure(text: str) -> list[str]:
    return [c for c in text if c.isascii() and not c.isalnum()]
