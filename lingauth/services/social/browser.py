"""The cookie that binds a flow to the browser it began in (RFC 9700 section 4.7)."""

from __future__ import annotations

import re
from secrets import token_urlsafe

from lingauth.conf import settings
from lingauth.models import Backend

LIFE = 15 * 60
"""Seconds the cookie is kept for: as long as a flow, its code, and somebody who hesitates."""
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
_PURPOSE = "flow browser"


def cookie_name(ref: str) -> str:
    """``__Host-`` keeps other hosts of the domain from setting it, where the site has TLS."""
    return f"{'__Host-' if settings.is_https else ''}lingauth-flow-{ref}"


def value_for(cookie: str | None) -> str:
    """The browser's cookie, or a fresh one. It is kept, so that flows in two tabs both end well."""
    return cookie if cookie and _VALUE.fullmatch(cookie) else token_urlsafe(32)


def digest(backend: Backend, cookie: str) -> str:
    """What a flow remembers of it."""
    made = settings.keychain.digest(_PURPOSE, str(backend.pk).encode(), cookie.encode())
    return made.hex()


def digests(backend: Backend, cookie: str | None) -> list[str]:
    """What a flow begun in this browser may have remembered; nothing without a cookie of ours."""
    if not cookie or not _VALUE.fullmatch(cookie):
        return []
    made = settings.keychain.digests(_PURPOSE, str(backend.pk).encode(), cookie.encode())
    return [value.hex() for value in made]
