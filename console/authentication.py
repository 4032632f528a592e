"""Authentication: the switch, who it affects, and the confirmation before it changes.

The form is sent by GET to ``…/review``, which changes nothing and says in words what would happen;
the confirmation there is a POST to that same address. So the operator can be sent for a code, or
sign in again, and comes back to the question with nothing to type twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from console.access import Place, again, changing, on_backend
from console.consequences import describe
from console.forms import MfaForm
from console.impact import Affected
from console.render import page, say
from console.standing import standing
from lingauth.core.errors import Conflict
from lingauth.core.gate import in_force
from lingauth.models import PolicyVersion
from lingauth.pages.addresses import go
from lingauth.services import overview, policy
from lingauth.services.context import Actor, client_info


@on_backend
@require_safe
def authentication(request: HttpRequest, place: Place) -> HttpResponse:
    """The settings of one backend's sign-in."""
    return screen(request, place, MfaForm.showing(place.backend))


@changing
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, place: Place) -> HttpResponse:
    """Ask before the switch is moved, then move it."""
    backend = place.backend
    form = MfaForm(request.GET, backend=backend)
    if "version" not in request.GET:
        return go(reverse("console:authentication", args=[backend.ref]))
    if not form.is_valid():
        return screen(request, place, form, status=422)
    version = form.cleaned_data["version"]
    if version != backend.policy_version:
        return moved(request, place)
    changes = form.changes()
    if not changes:
        say(request, "There was nothing to change.", tone="plain")
        return go(reverse("console:authentication", args=[backend.ref]))
    if request.method == "POST":
        return save(request, place, changes, version)
    affected = Affected.of(policy.impact(backend=backend))
    context = {
        "consequence": describe(backend, changes, affected, place.visit.at),
        "back": reverse("console:authentication", args=[backend.ref]),
    }
    return page(request, "review.html", context, place=place)


def save(request: HttpRequest, place: Place, changes: dict[str, Any], version: int) -> HttpResponse:
    """Change the policy, unless somebody else did meanwhile."""
    try:
        policy.change(
            backend_id=place.backend.pk,
            changes=changes,
            actor=Actor.operator(place.visit.user),
            client=client_info(request),
            expected_version=version,
        )
    except Conflict:
        return moved(request, place)
    say(request, "Saved.")
    return go(reverse("console:authentication", args=[place.backend.ref]))


def moved(request: HttpRequest, place: Place) -> HttpResponse:
    """Somebody else changed the policy: say who and when, show it as it is now, save nothing."""
    now_there = again(place)
    form = MfaForm.showing(now_there.backend)
    return screen(request, now_there, form, status=409, conflict=True)


def screen(
    request: HttpRequest, place: Place, form: MfaForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page itself, around whatever form it is given."""
    backend, at = place.backend, place.visit.at
    affected = Affected.of(policy.impact(backend=backend))
    changes = overview.policy_history(backend=backend)
    context = {
        "form": form,
        "affected": affected,
        "bites": in_force(backend.policy, at),
        "latest": changes[0] if changes else None,
        "standing": standing(
            backend,
            affected,
            since=mode_set_at(changes),
            at=at,
            spared=overview.would_refuse_today(backend=backend),
        ),
        **more,
    }
    return page(request, "authentication.html", context, place=place, status=status)


def mode_set_at(changes: Sequence[PolicyVersion]) -> datetime | None:
    """When the mode last changed, as far back as ``changes`` (newest first) tell."""
    for version in changes:
        if version.before.get("mfa_mode") != version.after.get("mfa_mode"):
            return version.at
    return None
