"""Addresses that a browser is sent to, not called by a script: no CORS, no framing, a cookie."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lingauth.api.base import AuthView
from lingauth.conf import settings
from lingauth.services.social import browser

_CROSS_ORIGIN = ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class BrowserView(AuthView):
    """A step of a flow (RFC 9700 sections 2.6 and 4.16)."""

    # Whatever looks at a link first must not begin or end a flow: no HEAD.
    http_method_names = ["get", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        for name in _CROSS_ORIGIN:
            del response.headers[name]
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response

    @property
    def cookie(self) -> str | None:
        """What this browser was given when a flow began in it."""
        return self.request.COOKIES.get(browser.cookie_name(self.ref))


def leave(url: str, status: int) -> HttpResponse:
    """To an address that was judged before; an app's own scheme is one that Django refuses."""
    return HttpResponse(status=status, headers={"Location": url})


def remember(response: HttpResponse, ref: str, value: str) -> HttpResponse:
    """Give the browser the cookie that its flows are bound to."""
    response.set_cookie(
        browser.cookie_name(ref),
        value,
        max_age=browser.LIFE,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return response
