"""Who may look. Whoever reads a mailbox can sign in as anybody in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from project.mailbox import files

_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")


def is_open(request: HttpRequest) -> bool:
    """Mail goes to files, and the request comes from this machine or ``MAILBOX_IS_OPEN`` is set."""
    return files.are_kept() and (settings.MAILBOX_IS_OPEN or _is_from_here(request))


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 where mail goes to people; 403, saying why, to whoever is somewhere else."""

    @wraps(view)
    def look(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not files.are_kept():
            raise Http404
        if not is_open(request):
            context = {
                "title": "The mailbox opens on this machine only",
                "message": (
                    "Whoever reads it can sign in as anybody. Look at it from the machine that the "
                    "demo runs on, or start the demo with LINGAUTH_MAILBOX=open."
                ),
            }
            return render(request, "project/problem.html", context, status=403)
        return view(request, *args, **kwargs)

    return look


def _is_from_here(request: HttpRequest) -> bool:
    """Straight from this machine, to an installation that is one of this machine.

    A proxy on the same machine makes everybody's requests come from here. Most leave a trace; for
    those that leave none, a site with a public address has its mailbox shut.
    """
    return (
        _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and _is_loopback(urlsplit(f"//{request.get_host()}").hostname or "")
        and _is_loopback(urlsplit(settings.SITE_URL).hostname or "")
        and not any(name in request.headers for name in _FORWARDED)
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
