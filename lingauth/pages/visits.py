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
from lingauth.pages.addresses import carry, local_path
from lingauth.services import cookies
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo


@dataclass(frozen=True, slots=True)
class Visit:
    """What every view is given besides the request. ``me`` is None for a stranger."""

    request: HttpRequest
    backend: Backend
    me: SignedIn | None
    client: ClientInfo
    at: datetime

    @property
    def signed_in(self) -> SignedIn:
        """The visitor's live session. Raises SessionGone, which leads to the sign-in page."""
        if self.me is None:
            raise SessionGone
        return self.me

    @property
    def return_to(self) -> str:
        """Where the visitor was going, from the form or the address; checked, possibly empty."""
        given = self.request.POST.get("return_to") or self.request.GET.get("return_to")
        return local_path(given)

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
        }
        name = f"lingauth/pages/{template}.html"
        return render(self.request, name, shared | (context or {}), status=status)


def cookie_name(ref: str) -> str:
    """``__Host-`` keeps other hosts of the domain from setting it, where the site has TLS."""
    return f"{'__Host-' if settings.is_https else ''}lingauth-{ref}"


def remember(visit: Visit, response: HttpResponse, session: Session) -> HttpResponse:
    """Give the browser the session's present cookie, and new CSRF tokens with it."""
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
