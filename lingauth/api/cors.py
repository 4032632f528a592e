"""Cross-origin rules. The APIs take bearer tokens and no cookies, so any origin may call."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
HEADERS = (
    "Accept, Authorization, Content-Type, Idempotency-Key, Prefer, Range, Range-Unit, "
    "Accept-Profile, Content-Profile, X-Client-IP, X-Client-Info, X-JWT-AUD, x-use-cookie, "
    "X-Supabase-Api-Version, apikey, x-retry-count"
)
EXPOSED = (
    "X-Total-Count, Link, X-Supabase-Api-Version, Content-Range, Preference-Applied, "
    "Location, Retry-After, WWW-Authenticate, X-Request-Id"
)


class CorsMixin:
    """Answers preflights without looking at credentials, and lets scripts read the answers."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "OPTIONS":
            response: HttpResponseBase = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = METHODS
            response["Access-Control-Allow-Headers"] = HEADERS
            response["Access-Control-Max-Age"] = "7200"
        else:
            response = super().dispatch(  # type: ignore[misc]  # the view it is mixed into
                request, *args, **kwargs
            )
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = EXPOSED
        response["X-Content-Type-Options"] = "nosniff"
        return response
