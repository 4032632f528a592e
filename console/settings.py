"""Settings: sign-in, sessions and tokens, links and mail.

Like the switch: the form is sent by GET to ``…/review``, which says in words what would happen; the
confirmation there is a POST to that same address.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from console.access import Place, again, changing, on_backend
from console.render import Link, page, say
from console.settings_effects import describe
from console.settings_form import SettingsForm
from console.settings_forms import SECTIONS
from lingauth.core.errors import Conflict
from lingauth.pages.addresses import go
from lingauth.services import overview, policy
from lingauth.services.context import Actor, client_info


@on_backend
@require_safe
def first(request: HttpRequest, place: Place) -> HttpResponse:
    """The settings open on their first page."""
    return go(address(place, next(iter(SECTIONS))))


@on_backend
@require_safe
def section(request: HttpRequest, place: Place, section: str) -> HttpResponse:
    """One page of settings, as they are."""
    return screen(request, place, section, form_of(section).showing(place.backend))


@changing
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, place: Place, section: str) -> HttpResponse:
    """Ask before settings are changed, then change them."""
    backend, back = place.backend, address(place, section)
    form = form_of(section)(request.GET, backend=backend)
    if "version" not in request.GET:
        return go(back)
    valid, version = form.is_valid(), form.cleaned_data.get("version")
    if version is not None and version != backend.policy_version:
        return moved(request, place, section)
    if not valid or version is None:
        form.focus_first_error()
        return screen(request, place, section, form, status=422)
    changes = form.changes()
    if not changes:
        say(request, "There was nothing to change.", tone="plain")
        return go(back)
    if request.method == "POST":
        return save(request, place, section, changes, version)
    before = {name: getattr(backend, name) for name in changes}
    context = {"consequence": describe(before, changes), "back": back}
    return page(request, "review.html", context, place=place)


def save(
    request: HttpRequest, place: Place, section: str, changes: dict[str, Any], version: int
) -> HttpResponse:
    """Change the settings, unless somebody else did meanwhile."""
    try:
        policy.change(
            backend_id=place.backend.pk,
            changes=changes,
            actor=Actor.operator(place.visit.user),
            client=client_info(request),
            expected_version=version,
        )
    except Conflict:
        return moved(request, place, section)
    say(request, "Saved. It holds from the next request on.")
    return go(address(place, section))


def moved(request: HttpRequest, place: Place, section: str) -> HttpResponse:
    """Somebody else changed the settings: say who, show them as they are now, save nothing."""
    there = again(place)
    form = form_of(section).showing(there.backend)
    return screen(request, there, section, form, status=409, conflict=True)


def screen(
    request: HttpRequest,
    place: Place,
    section: str,
    form: SettingsForm,
    *,
    status: int = 200,
    conflict: bool = False,
) -> HttpResponse:
    """The page itself, around whatever form it is given."""
    context = {
        "form": form,
        "section": section,
        "tabs": [
            Link(kind.title, address(place, name), here=name == section)
            for name, kind in SECTIONS.items()
        ],
        "conflict": conflict,
        "latest": overview.policy_history(backend=place.backend, limit=1)[:1],
    }
    return page(request, "settings.html", context, place=place, status=status)


def form_of(section: str) -> type[SettingsForm]:
    if section not in SECTIONS:
        raise Http404("No such page of settings.")
    return SECTIONS[section]


def address(place: Place, section: str) -> str:
    return reverse("console:settings_section", args=[place.backend.ref, section])
