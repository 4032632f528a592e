"""Where a flow of this backend may return to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from lingauth.core import redirects
from lingauth.models import Backend
from lingauth.services.backends import base_url

MAX_PATTERNS = 50


def target(*, backend: Backend, given: str | None, referer: str | None = None) -> str:
    """The place to return to, without fragment: ``given`` if it is allowed, else the ``Referer``
    if that is, else the backend's site. Never an error."""
    for url in (given, referer):
        if url and is_allowed(backend, url):
            return url.partition("#")[0]
    return home(backend)


def home(backend: Backend) -> str:
    """The backend's site; where none is set, its own account page."""
    return backend.site_url or f"{base_url(backend)}/account"


def is_allowed(backend: Backend, url: str) -> bool:
    """Whether links may return there: a hosted page, the backend's site, or one of its patterns."""
    return is_hosted(backend, url) or redirects.is_allowed(
        url, backend.site_url, cast(Sequence[str], backend.redirect_urls)
    )


def is_hosted(backend: Backend, url: str) -> bool:
    """Whether it is one of the backend's own pages. Its APIs are no place to return to, and the
    other backends of the same site are none of its pages."""
    base = base_url(backend)
    apis = (f"{base}/auth", f"{base}/rest")
    return redirects.is_under(url, base) and not any(redirects.is_under(url, api) for api in apis)


def checked_site_url(value: object) -> str:
    """A ``site_url`` an operator may set. Raises ValueError with a sentence."""
    if not isinstance(value, str):
        raise ValueError("An address such as https://app.example.com.")
    if value:
        redirects.check_site(value)
    return value


def checked_patterns(value: object) -> list[str]:
    """``redirect_urls`` an operator may set. Raises ValueError with a sentence."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("A list of patterns such as https://app.example.com/**.")
    if len(value) > MAX_PATTERNS:
        raise ValueError(f"At most {MAX_PATTERNS} patterns.")
    for pattern in value:
        redirects.read_pattern(pattern)
    return value
