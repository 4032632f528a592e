"""Who may: each screen is wrapped by exactly one of these, and none is reachable without.

Order: same site → operator's session alive → code confirmed → role on this backend → may change.
A backend the operator has no role on answers as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect

from console import visits
from console.addresses import send_to
from console.headers import guarded as hardened
from lingauth.core.assurance import is_fresh
from lingauth.core.clock import now
from lingauth.models import Backend
from lingauth.services import operator_factors, operators

View = Callable[..., HttpResponse]

CHANGES = frozenset({"owner", "admin"})
"""The roles that may change a backend's settings. A viewer sees them."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A living operator's session. ``places`` are the backends this operator has a role on."""

    user: AbstractBaseUser
    verified_at: datetime | None
    places: tuple[tuple[Backend, str], ...]
    at: datetime

    @property
    def fresh(self) -> bool:
        """Whether a code was confirmed recently enough for a sensitive act."""
        return is_fresh(self.verified_at, self.at)

    @property
    def email(self) -> str:
        field = self.user.get_email_field_name()
        return getattr(self.user, field, "") or self.user.get_username()


@dataclass(frozen=True, slots=True)
class Place:
    """One backend, as this operator may see it."""

    visit: Visit
    backend: Backend
    role: str

    @property
    def may_change(self) -> bool:
        return self.role in CHANGES


def visit_of(request: HttpRequest) -> Visit | None:
    """The operator behind this request. A dead or foreign session is forgotten on the spot."""
    stamps = visits.read(request)
    if stamps is None:
        return None
    at = now()
    places = tuple(operators.backends_of(request.user)) if stamps.alive(at) else ()
    if not places:
        visits.end(request)
        return None
    visits.touch(request, stamps, at)
    confirmed = request.user.is_verified()  # type: ignore[union-attr]  # set by OTPMiddleware
    return Visit(
        user=request.user,  # type: ignore[arg-type]  # read() refuses anonymous users
        verified_at=stamps.verified if confirmed else None,
        places=places,
        at=at,
    )


def public(view: View) -> View:
    """A page that anybody may ask for: the sign-in page, the theme.

    Outside any transaction of the host's, so that what a service committed stays committed.
    """
    return transaction.non_atomic_requests(hardened(csrf_protect(view)))


def signed_in(view: View) -> View:
    """``view(request, visit, …)`` for an operator whose password was right, code or no code."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visit = visit_of(request)
        if visit is None:
            return send_to("console:sign_in", return_to=request.get_full_path())
        return view(request, visit, *args, **kwargs)

    return public(guarded)


def verified(view: View) -> View:
    """``view(request, visit, …)`` for an operator who confirmed a code in this session."""

    @wraps(view)
    def guarded(request: HttpRequest, visit: Visit, *args: Any, **kwargs: Any) -> HttpResponse:
        if visit.verified_at is None:
            return ask_for_code(request, visit)
        return view(request, visit, *args, **kwargs)

    return signed_in(guarded)


def on_backend(view: View) -> View:
    """``view(request, place, …)`` for an operator with a role on the backend ``ref``."""

    @wraps(view)
    def guarded(request: HttpRequest, visit: Visit, ref: str, **kwargs: Any) -> HttpResponse:
        for backend, role in visit.places:
            if backend.ref == ref:
                return view(request, Place(visit, backend, str(role)), **kwargs)
        raise Http404("No such backend.")

    return verified(guarded)


def changing(view: View) -> View:
    """Like ``on_backend``, for pages that change something: right role, and a fresh code.

    Such a page is asked for by GET and confirmed by POST at the very same address, so an operator
    who is sent for a code comes back to where they were, with nothing to type again.
    """

    @wraps(view)
    def guarded(request: HttpRequest, place: Place, **kwargs: Any) -> HttpResponse:
        if not place.may_change:
            raise PermissionDenied("Only an owner or an admin of this backend can change this.")
        if not place.visit.fresh:
            return send_to("console:verify", return_to=request.get_full_path())
        return view(request, place, **kwargs)

    return on_backend(guarded)


def again(place: Place) -> Place:
    """The same place, read anew: for a page that has to show what somebody else just did."""
    for backend, role in operators.backends_of(place.visit.user):
        if backend.pk == place.backend.pk:
            return Place(place.visit, backend, role)
    raise Http404("No such backend.")


def ask_for_code(request: HttpRequest, visit: Visit) -> HttpResponse:
    """To the code, or to the first authenticator if there is none yet."""
    enrolled = operator_factors.exists(user=visit.user)
    step = "console:verify" if enrolled else "console:set_up"
    return send_to(step, return_to=request.get_full_path())
