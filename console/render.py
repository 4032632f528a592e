"""How a screen becomes a page: the frame around it, and the one-time message on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from console.access import Place, Visit
from console.words import waiting
from lingauth.core.errors import TooManyAttempts

SCREENS = (
    ("Authentication", "console:authentication"),
    ("Settings", "console:settings"),
    ("Providers", "console:providers"),
    ("Users", "console:users"),
    ("Keys", "console:keys"),
    ("History", "console:history"),
)
FLASH = "lingauth_console_flash"
RESET = "Too many wrong attempts. Whoever runs this server has to reset your sign-in."


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    url: str
    here: bool


def say(request: HttpRequest, text: str, tone: str = "ok") -> None:
    """Show ``text`` on the next page, once."""
    request.session[FLASH] = {"text": text, "tone": tone}


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    visit: Visit | None = None,
    place: Place | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render ``template`` of the console, in the frame this operator and backend get."""
    if place is not None:
        visit = place.visit
    chosen = request.COOKIES.get("theme")
    frame = {
        "visit": visit,
        "place": place,
        "nav": _nav(request, place) if place else (),
        "chosen_theme": chosen if chosen in ("light", "dark") else "system",
        "flash": request.session.pop(FLASH, None) if visit and visit.verified_at else None,
    }
    return render(request, f"console/{template}", {**frame, **context}, status=status)


def locked(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    error: TooManyAttempts,
    *,
    visit: Visit | None = None,
) -> HttpResponse:
    """The same page again, saying how long to wait, in words and in ``Retry-After``; or what helps
    where waiting does not."""
    seconds = error.retry_after or 60
    problem = RESET if error.disabled else f"Too many attempts. Try again in {waiting(seconds)}."
    response = page(request, template, {**context, "problem": problem}, visit=visit, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _nav(request: HttpRequest, place: Place) -> tuple[Link, ...]:
    def link(name: str, route: str) -> Link:
        url = reverse(route, args=[place.backend.ref])
        return Link(name, url, here=request.path == url or request.path.startswith(f"{url}/"))

    return tuple(link(name, route) for name, route in SCREENS)
