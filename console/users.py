"""The accounts of a backend, with what each has to prove who they are."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from console.access import Place, on_backend
from console.render import page
from lingauth.services import overview

PAGE = 50
LONGEST = 254


@on_backend
@require_safe
def users(request: HttpRequest, place: Place) -> HttpResponse:
    """The table, as the address says: ``?mfa=none``, ``?q=``, ``?after=``."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    without_mfa = request.GET.get("mfa") == "none"
    found = overview.account_rows(
        backend=place.backend,
        query=query,
        without_mfa=without_mfa,
        after=key(request.GET.get("after", "")),
        limit=PAGE,
    )
    kept = {"q": query} if query else {}
    narrowed = {**kept, **({"mfa": "none"} if without_mfa else {})}
    context = {
        "rows": found.rows,
        "query": query,
        "without_mfa": without_mfa,
        "paged": "after" in request.GET,
        "all_url": f"?{urlencode(kept)}",
        "without_url": f"?{urlencode({**kept, 'mfa': 'none'})}",
        "first_url": f"?{urlencode(narrowed)}",
        "next_url": f"?{urlencode({**narrowed, 'after': found.next})}" if found.next else "",
    }
    return page(request, "users.html", context, place=place)


def key(text: str) -> UUID | None:
    """Where a page begins. What is no key begins at the beginning."""
    try:
        return UUID(text)
    except ValueError:
        return None
