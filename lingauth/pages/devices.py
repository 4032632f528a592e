"""A device's name in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lingauth.core import devices


def device(user_agent: str) -> str:
    """Such as "Chrome on macOS". A guess for people; nothing is decided by it."""
    guess = devices.device(user_agent)
    if guess.client and guess.system:
        return _("%(browser)s on %(system)s") % {"browser": guess.client, "system": guess.system}
    return str(guess) or _("Unknown device")
