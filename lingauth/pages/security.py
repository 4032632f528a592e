"""The headers of every page that a person sees, hosted or in the console, errors included."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from lingauth.core import places


def policy(*, form_ends_at: str = "") -> str:
    """Nothing inline, nothing from elsewhere. ``data:`` is the QR code. A link to ``otpauth:`` is a
    navigation, which no directive here concerns.

    ``form_ends_at`` is an address on another site that this page's form may lead to: browsers hold
    every redirect that follows a form to ``form-action`` too.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            f"form-action 'self' {_sources(form_ends_at)}".rstrip(),
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def _sources(url: str) -> str:
    """The address's scheme, and https. Not its host: apps and providers redirect on among hosts of
    theirs that nobody here knows, and the browser would stop there, with the link spent."""
    place = places.parse(url)
    if place is None:
        return ""
    return "https:" if place.scheme == "https" else f"{place.scheme}: https:"


HEADERS = {
    "Content-Security-Policy": policy(),
    # Not no-referrer: a form posted under it carries "Origin: null", which the CSRF check refuses.
    # This sends no referrer, and so no address of ours, to any other site.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "clipboard-write=(self), publickey-credentials-get=(self)"
    ),
    "Cache-Control": "no-store",
}

OWN = ("Content-Security-Policy", "Referrer-Policy")
"""A page may have these of its own: the policy of a form that ends elsewhere, or no referrer."""

View = Callable[..., HttpResponse]


def harden(response: HttpResponse) -> HttpResponse:
    """Set the headers on an answer, in place of what was there."""
    for name, value in HEADERS.items():
        if name not in OWN or name not in response.headers:
            response.headers[name] = value
    return response


def secured(view: View) -> View:
    """A view whose every answer has the headers."""

    @wraps(view)
    def with_headers(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return harden(view(request, *args, **kwargs))

    return with_headers
