"""Keys: what apps and servers present, and what signs the tokens of people.

Each change is asked for by GET and done by POST at the same address. A service key is on the answer
to the POST that made it and nowhere else: no address, no session and no row holds it.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from console.access import Place, changing, on_backend
from console.forms import NewKeyForm, OverlapForm, RotationForm
from console.key_words import (
    on_replacing,
    on_revoking,
    on_revoking_signing,
    on_rotating_signing,
)
from console.render import page, say
from lingauth.core.errors import Conflict, DomainError, NotFound
from lingauth.models import ApiKey
from lingauth.pages.addresses import go
from lingauth.services import api_keys, keys
from lingauth.services.api_keys import NewKey
from lingauth.services.context import Actor, client_info
from lingauth.services.keys import Standing, State

METHODS = ["GET", "HEAD", "POST"]
ROLES = (
    ("anon", "Anon keys", "For your apps. Public: they may be in a browser or on a phone."),
    (
        "service",
        "Service keys",
        "For your servers, and for nothing else. Secret: each opens all data of this backend.",
    ),
)


@on_backend
@require_safe
def overview(request: HttpRequest, place: Place) -> HttpResponse:
    """All keys of the backend, those that work first."""
    at, found = place.visit.at, api_keys.list_all(backend=place.backend)
    groups = [
        {
            "role": role,
            "title": title,
            "about": about,
            "live": [key for key in found if key.role == role and key.is_alive(at)],
            "ended": [key for key in found if key.role == role and not key.is_alive(at)],
        }
        for role, title, about in ROLES
    ]
    signing = keys.list_all(backend=place.backend)
    over = (State.ENDED, State.REVOKED)
    context = {
        "groups": groups,
        "signing": [row for row in signing if row.state not in over],
        "signed": [row for row in signing if row.state in over],
    }
    return page(request, "keys.html", context, place=place)


@changing
@require_http_methods(METHODS)
def new(request: HttpRequest, place: Place) -> HttpResponse:
    """Make one more key. Sent again, by a reload, the same form makes no second one."""
    newest = next(iter(api_keys.list_all(backend=place.backend)), None)
    seen = newest.pk if newest else 0
    if request.method != "POST":
        role = request.GET.get("role")
        initial = {"role": role if role in ApiKey.Role.values else None, "seen": seen}
        return _form(request, place, NewKeyForm(initial=initial))
    form = NewKeyForm(request.POST)
    if not form.is_valid():
        form.focus_first_error()
        return _form(request, place, form, status=422)
    if form.cleaned_data["seen"] != seen:
        say(request, "A key was made meanwhile. Here it is; nothing else was done.", "warn")
        return _back(place)
    made = api_keys.create(
        backend=place.backend,
        role=form.cleaned_data["role"],
        label=form.cleaned_data["label"],
        actor=Actor.operator(place.visit.user),
        client=client_info(request),
    )
    return _show(request, place, made)


@changing
@require_http_methods(METHODS)
def replace(request: HttpRequest, place: Place, key: int) -> HttpResponse:
    """Ask how long the old key should still work, then make its successor."""
    old = _key(place, key)
    form = OverlapForm(request.POST or None)
    if old.expires_at is not None:
        say(request, "This key was replaced already.", "plain")
        return _back(place)
    if request.method == "POST" and form.is_valid():
        try:
            made = api_keys.rotate(
                backend=place.backend,
                key_id=old.pk,
                overlap=timedelta(seconds=int(form.cleaned_data["overlap"])),
                actor=Actor.operator(place.visit.user),
                client=client_info(request),
            )
        except (Conflict, NotFound) as error:
            return _meanwhile(request, place, error)
        return _show(request, place, made, replaces=old)
    return _ask(request, place, {"consequence": on_replacing(old), "form": form})


@changing
@require_http_methods(METHODS)
def revoke(request: HttpRequest, place: Place, key: int) -> HttpResponse:
    """Ask, then refuse a key from the next request on."""
    old = _key(place, key)
    if request.method == "POST":
        try:
            api_keys.revoke(
                backend=place.backend,
                key_id=old.pk,
                actor=Actor.operator(place.visit.user),
                client=client_info(request),
            )
        except NotFound as error:
            return _meanwhile(request, place, error)
        say(request, f"{old.hint} is revoked.")
        return _back(place)
    others = [
        other
        for other in api_keys.list_all(backend=place.backend)
        if other.role == old.role and other.pk != old.pk and other.is_alive(place.visit.at)
    ]
    return _ask(request, place, {"consequence": on_revoking(old, last=not others)})


@changing
@require_http_methods(METHODS)
def rotate_signing(request: HttpRequest, place: Place) -> HttpResponse:
    """Ask when, then make a new signing key."""
    form = RotationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at_once = form.cleaned_data["when"] == "now"
        keys.rotate(
            backend=place.backend,
            actor=Actor.operator(place.visit.user),
            client=client_info(request),
            now=at_once,
        )
        say(request, f"The new key signs {'from now on' if at_once else 'in five minutes'}.")
        return _back(place)
    return _ask(request, place, {"consequence": on_rotating_signing(), "form": form})


@changing
@require_http_methods(METHODS)
def revoke_signing(request: HttpRequest, place: Place, kid: str) -> HttpResponse:
    """The emergency: ask, then distrust a signing key with every token it signed."""
    found = _signing_key(place, kid)
    if found.state in (State.REVOKED, State.ENDED):
        say(request, "This signing key is trusted no more already.", "plain")
        return _back(place)
    if request.method == "POST":
        try:
            keys.revoke(
                backend=place.backend,
                kid=kid,
                actor=Actor.operator(place.visit.user),
                client=client_info(request),
            )
        except NotFound as error:
            return _meanwhile(request, place, error)
        say(request, "The signing key is revoked. A new one signs from now on.")
        return _back(place)
    return _ask(request, place, {"consequence": on_revoking_signing(found)})


def _key(place: Place, key_id: int) -> ApiKey:
    try:
        return api_keys.get(backend=place.backend, key_id=key_id)
    except NotFound:
        raise Http404("No such key.") from None


def _signing_key(place: Place, kid: str) -> Standing:
    for found in keys.list_all(backend=place.backend):
        if found.key.kid == kid:
            return found
    raise Http404("No such key.")


def _show(
    request: HttpRequest, place: Place, made: NewKey, *, replaces: ApiKey | None = None
) -> HttpResponse:
    """The answer that holds the key. An anon key is on the list anyway."""
    if made.key.role == ApiKey.Role.ANON:
        say(request, "The new anon key is below. Give it to your apps.")
        return _back(place)
    context = {"made": made, "replaces": replaces}
    return page(request, "key_made.html", context, place=place)


def _ask(request: HttpRequest, place: Place, context: dict[str, object]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    shown = {"back": reverse("console:keys", args=[place.backend.ref]), **context}
    return page(request, "key_question.html", shown, place=place, status=status)


def _form(
    request: HttpRequest, place: Place, form: NewKeyForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "back": reverse("console:keys", args=[place.backend.ref])}
    return page(request, "key_new.html", context, place=place, status=status)


def _meanwhile(request: HttpRequest, place: Place, error: DomainError) -> HttpResponse:
    say(request, f"{error.message} Somebody was faster; nothing was done.", "warn")
    return _back(place)


def _back(place: Place) -> HttpResponse:
    return go(reverse("console:keys", args=[place.backend.ref]))
