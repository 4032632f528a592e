"""The headers of every page that a person sees, hosted or in the console, errors included."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
"""Nothing inline, nothing from elsewhere. ``data:`` is the QR code. A link to ``otpauth:`` is a
navigation, which no directive here concerns."""

HEADERS = {
    "Content-Security-Policy": POLICY,
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

View = Callable[..., HttpResponse]


def harden(response: HttpResponse) -> HttpResponse:
    """Set the headers on an answer, in place of what was there."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def secured(view: View) -> View:
    """A view whose every answer has the headers."""

    @wraps(view)
    def with_headers(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return harden(view(request, *args, **kwargs))

    return with_headers
