"""History: every change of a backend's settings, before and after, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe

from console.access import Place, changing, on_backend
from console.consequences import Consequence, describe
from console.impact import Affected
from console.render import page, say
from console.settings_effects import in_words, lowering
from console.settings_words import Change, changes
from lingauth.core.errors import Conflict
from lingauth.models import Backend, PolicyVersion
from lingauth.pages.addresses import go
from lingauth.services import overview, policy
from lingauth.services.context import Actor, client_info

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One version, as it is told."""

    version: int
    at: datetime
    actor_label: str
    changes: list[Change]
    current: bool


@on_backend
@require_safe
def history(request: HttpRequest, place: Place) -> HttpResponse:
    """The latest versions, newest first."""
    found = overview.policy_history(backend=place.backend, limit=SHOWN)
    entries = [entry(version, place.backend) for version in found]
    return page(request, "history.html", {"entries": entries}, place=place)


@changing
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, place: Place, version: int) -> HttpResponse:
    """Ask, then put back what the settings of one change were before it, as a new change."""
    backend = place.backend
    row = find(place, version)
    back = reverse("console:history", args=[backend.ref])
    differing = would_change(backend, row)
    if not differing:
        say(request, "These settings are as they were before that change already.", tone="plain")
        return go(back)
    if request.method == "POST":
        return put_back(request, place, row)
    consequence = describe_undo(place, row, differing)
    return page(
        request,
        "review.html",
        {"consequence": consequence, "back": back, "version": backend.policy_version},
        place=place,
    )


def put_back(request: HttpRequest, place: Place, row: PolicyVersion) -> HttpResponse:
    """Undo, unless the settings moved since the question was asked."""
    seen = request.POST.get("version", "")
    try:
        policy.restore(
            backend_id=place.backend.pk,
            version=row.version,
            actor=Actor.operator(place.visit.user),
            client=client_info(request),
            expected_version=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
        )
    except Conflict:
        say(request, "Not undone: somebody changed the settings meanwhile. Look again.", "warn")
    else:
        say(request, f"Version {row.version} is undone.")
    return go(reverse("console:history", args=[place.backend.ref]))


def find(place: Place, version: int) -> PolicyVersion:
    for row in overview.policy_history(backend=place.backend, limit=SHOWN):
        if row.version == version:
            return row
    raise Http404("No such version.")


def would_change(backend: Backend, row: PolicyVersion) -> list[Change]:
    """What undoing ``row`` would change in the settings as they are now."""
    now_set = {name: plain(getattr(backend, name)) for name in row.before}
    return changes(now_set, row.before)


def plain(value: Any) -> Any:
    """A setting's value as the history keeps it."""
    return DjangoJSONEncoder().default(value) if isinstance(value, datetime) else value


def describe_undo(place: Place, row: PolicyVersion, differing: list[Change]) -> Consequence:
    """The question: first what changes, then whom it concerns if it is about MFA."""
    now_set = {name: plain(getattr(place.backend, name)) for name in row.before}
    warnings = lowering(now_set, row.before)
    turned = (*map(in_words, differing), *warnings)
    mfa = {name: value for name, value in row.before.items() if name.startswith("mfa_")}
    question, act = f"Undo version {row.version}?", "Undo this change"
    if not mfa:
        return Consequence(question=question, sentences=turned, act=act, lowers=bool(warnings))
    start = mfa.get("mfa_starts_at")
    if start is not None:
        mfa["mfa_starts_at"] = parse_datetime(start)
    affected = Affected.of(policy.impact(backend=place.backend))
    meaning = describe(place.backend, mfa, affected, place.visit.at)
    return Consequence(
        question=question,
        sentences=(*turned, *meaning.sentences),
        act=act,
        lowers=meaning.lowers or bool(warnings),
    )


def entry(version: PolicyVersion, backend: Backend) -> Entry:
    return Entry(
        version=version.version,
        at=version.at,
        actor_label=version.actor_label,
        changes=changes(version.before, version.after),
        current=version.version == backend.policy_version,
    )
