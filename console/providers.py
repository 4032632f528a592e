"""Providers: whose sign-ins this backend accepts."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from console.access import Place, changing, on_backend
from console.consequences import Consequence
from console.provider_forms import ProviderForm
from console.render import page, say
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import Provider
from lingauth.pages.addresses import go
from lingauth.services import providers
from lingauth.services.context import Actor, client_info
from lingauth.services.social import discovery
from lingauth.services.social.presets import PRESETS

METHODS = ["GET", "HEAD", "POST"]


@on_backend
@require_safe
def overview(request: HttpRequest, place: Place) -> HttpResponse:
    """The providers there are, and those that could be added."""
    rows = providers.listed(place.backend)
    names = {row.name for row in rows}
    context = {
        "rows": rows,
        "presets": [preset for preset in PRESETS.values() if preset.name not in names],
        "callback_url": providers.callback_url(place.backend),
    }
    return page(request, "providers.html", context, place=place)


@changing
@require_http_methods(METHODS)
def new(request: HttpRequest, place: Place) -> HttpResponse:
    """Add one: of the usual ones, or any that speaks OpenID Connect."""
    preset = PRESETS.get(request.GET.get("provider", ""))
    if preset is not None and _find(place, preset.name):
        return go(reverse("console:provider", args=[place.backend.ref, preset.name]))
    if request.method == "POST":
        form = ProviderForm(request.POST, preset=preset, is_new=True)
    else:
        form = ProviderForm(preset=preset, is_new=True)
    return _edit(request, place, form, title=f"Add {preset.label if preset else 'a provider'}")


@changing
@require_http_methods(METHODS)
def provider(request: HttpRequest, place: Place, name: str) -> HttpResponse:
    """Change one."""
    row = _get(place, name)
    if request.method == "POST":
        form = ProviderForm(request.POST, preset=PRESETS.get(name), row=row)
    else:
        form = ProviderForm(preset=PRESETS.get(name), row=row)
    return _edit(request, place, form, title=row.label, row=row)


@changing
@require_http_methods(METHODS)
def remove(request: HttpRequest, place: Place, name: str) -> HttpResponse:
    """Ask, then remove one."""
    row = _get(place, name)
    if request.method == "POST":
        actor = Actor.operator(place.visit.user)
        client = client_info(request)
        providers.remove(backend=place.backend, name=name, actor=actor, client=client)
        say(request, f"{row.label} is removed.")
        return _back(place)
    consequence = Consequence(
        question=f"Remove {row.label}?",
        sentences=(
            "Nobody signs in by it from the next request on. Sessions that are open stay open.",
            "Accounts keep their identity, and can use it again if the same provider comes back. "
            "Who has no other way in cannot get in until then.",
        ),
        act="Remove",
        lowers=True,
    )
    context = {
        "consequence": consequence,
        "back": reverse("console:providers", args=[place.backend.ref]),
    }
    return page(request, "review.html", context, place=place)


def _edit(
    request: HttpRequest,
    place: Place,
    form: ProviderForm,
    *,
    title: str,
    row: Provider | None = None,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        name = form.provider_name
        try:
            if row is None and _find(place, name):
                raise Conflict("There is a provider of that name already.")
            saved = providers.save(
                backend=place.backend,
                name=name,
                changes=form.changes(),
                actor=Actor.operator(place.visit.user),
                client=client_info(request),
            )
        except (ValidationFailed, Conflict) as error:
            form.blame(error)
        else:
            _say_how_it_went(request, saved)
            return _back(place)
    if form.is_bound:
        form.focus_first_error()
    context: dict[str, Any] = {
        "form": form,
        "row": row,
        "heading": title,
        "callback_url": providers.callback_url(place.backend),
    }
    status = 422 if form.is_bound else 200
    return page(request, "provider.html", context, place=place, status=status)


def _say_how_it_went(request: HttpRequest, row: Provider) -> None:
    """It is saved in any case; whether it can be reached is worth knowing now."""
    if trouble := discovery.trouble_with(row):
        say(request, f"Saved, but {row.label} cannot be used yet: {trouble}.", "warn")
    else:
        say(request, "Saved.")


def _find(place: Place, name: str) -> Provider | None:
    try:
        return providers.get(backend=place.backend, name=name)
    except NotFound:
        return None


def _get(place: Place, name: str) -> Provider:
    row = _find(place, name)
    if row is None:
        raise Http404("No such provider.")
    return row


def _back(place: Place) -> HttpResponse:
    return go(reverse("console:providers", args=[place.backend.ref]))
