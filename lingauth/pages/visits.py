"""One visit of a page: whose backend, who is signed in, and the cookie that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import render

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.core.errors import SessionGone
from lingauth.models import Backend, Session
from lingauth.pages.addresses import carry, host_of, local_path
from lingauth.pages.security import policy
from lingauth.services import cookies
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.step_up import Guest


@dataclass(frozen=True, slots=True)
class Visit:
    """What every view is given besides the request. ``me`` is None for a stranger.

    ``guest``: they are here for an app, and ``me`` is not by the pages' cookie.
    """

    request: HttpRequest
    backend: Backend
    me: SignedIn | None
    client: ClientInfo
    at: datetime
    guest: Guest | None = None

    @property
    def signed_in(self) -> SignedIn:
        """The visitor's live session. Raises SessionGone, which leads to the sign-in page."""
        if self.me is None:
            raise SessionGone
        return self.me

    @property
    def return_to(self) -> str:
        """Where the visitor was going, from the form or the address; checked, possibly empty."""
        return return_to(self.request)

    def render(
        self, template: str, context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """A page with what all of them show."""
        shared = {
            "backend": self.backend,
            "account": self.me.account if self.me else None,
            "here": self.request.get_full_path(),
            "return_to": self.return_to,
            "carry": carry(self.return_to),
            "app": _app(self.guest),
        }
        name = f"lingauth/pages/{template}.html"
        response = render(self.request, name, shared | (context or {}), status=status)
        if self.guest is not None:
            ends_at = self.guest.flow.redirect_to
            response.headers["Content-Security-Policy"] = policy(form_ends_at=ends_at)
        return response


def return_to(request: HttpRequest) -> str:
    """Where a request says that its visitor was going; checked, possibly empty."""
    return local_path(request.POST.get("return_to") or request.GET.get("return_to"))


def _app(guest: Guest | None) -> dict[str, str] | None:
    """The app that somebody is here for: what people know it by, and the way back."""
    if guest is None:
        return None
    return {"name": host_of(guest.flow.redirect_to), "url": guest.cancelled_url}


def cookie_name(ref: str) -> str:
    """``__Host-`` keeps other hosts of the domain from setting it, where the site has TLS."""
    return f"{'__Host-' if settings.is_https else ''}lingauth-{ref}"


def remember(visit: Visit, response: HttpResponse, session: Session) -> HttpResponse:
    """Give the browser the session's present cookie, and new CSRF tokens with it. A guest is given
    nothing: the guests in their other tabs go on."""
    if visit.guest is not None:
        return response
    rotate_token(visit.request)
    response.set_cookie(
        cookie_name(visit.backend.ref),
        cookies.cookie_for(session),
        max_age=max(1, ceil((session.expires_at - clock.now()).total_seconds())),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(visit: Visit, response: HttpResponse) -> HttpResponse:
    """Take the cookie back."""
    name = cookie_name(visit.backend.ref)
    response.set_cookie(
        name, "", max_age=0, path="/", secure=settings.is_https, httponly=True, samesite="Lax"
    )
    return response
