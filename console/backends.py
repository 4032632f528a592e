"""The list of backends: the console's front page, and the way to one of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from console.access import Place, Visit, on_backend, verified
from console.addresses import home
from console.render import page
from console.words import Badge, mfa_state
from lingauth.models import Backend
from lingauth.pages.addresses import go
from lingauth.services import overview


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    backend: Backend
    role: str
    mfa: Badge
    accounts: int


@verified
@require_safe
def backends(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Every backend this operator has a role on."""
    counts = overview.account_counts(backends=[backend for backend, _ in visit.places])
    rows = [
        Row(
            backend,
            role,
            mfa=mfa_state(backend, visit.at),
            accounts=counts.get(backend.pk, 0),
        )
        for backend, role in visit.places
    ]
    return page(request, "backends.html", {"rows": rows}, visit=visit)


@verified
@require_safe
def with_slash(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A slash that somebody typed is forgiven."""
    return go(home())


@on_backend
@require_safe
def backend(request: HttpRequest, place: Place) -> HttpResponse:
    """A backend's front door opens on its first screen."""
    return go(reverse("console:authentication", args=[place.backend.ref]))
