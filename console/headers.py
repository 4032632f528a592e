"""Around every view of the console: headers, the site a form came from, refusals as pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from console.addresses import home
from lingauth.pages.security import harden

View = Callable[..., HttpResponse]

OURS = frozenset({"same-origin", "none"})
"""``none`` is the person themself, such as a reload. ``same-site`` is another host: refused."""


def guarded(view: View) -> View:
    """A view whose every answer has the headers, refusals included."""

    @wraps(view)
    def around(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD") and not from_here(request):
            return harden(refusal(request, 403, "This form came from another site."))
        try:
            return harden(view(request, *args, **kwargs))
        except Http404:
            return harden(refusal(request, 404, "There is nothing at this address."))
        except PermissionDenied as error:
            return harden(refusal(request, 403, str(error)))

    return around


def from_here(request: HttpRequest) -> bool:
    """Whether the browser says this form was sent by a page of this very origin.

    On top of the CSRF token, which also compares ``Origin``. Old browsers say nothing.
    """
    return request.headers.get("Sec-Fetch-Site", "same-origin") in OURS


TITLES = {403: "This is not allowed", 404: "Page not found"}


def refusal(request: HttpRequest, status: int, text: str) -> HttpResponse:
    """A refusal as a page, the same whatever stands behind it."""
    context = {"title": TITLES[status], "text": text, "back": home()}
    return render(request, "console/refusal.html", context, status=status)
