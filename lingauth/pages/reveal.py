"""New recovery codes on their way to the page that shows them: for five minutes, for this session
and these addresses."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from lingauth.pages.sealed import Sealed
from lingauth.services.access import SignedIn

_CODES = Sealed("codes", "codes", "recovery codes on show", timedelta(minutes=5))


def hand_over(
    me: SignedIn, codes: list[str], response: HttpResponse, *, at: datetime
) -> HttpResponse:
    """Put the codes into the browser's keeping."""
    return _CODES.put(response, codes, ref=me.backend.ref, bound_to=_binding(me), at=at)


def read(request: HttpRequest, me: SignedIn, *, at: datetime) -> list[str]:
    """The codes that this session may still see; none for anything else."""
    kept = _CODES.read(request, ref=me.backend.ref, bound_to=_binding(me), at=at)
    return list(kept or ())


def forget(me: SignedIn, response: HttpResponse) -> HttpResponse:
    """Take them away: from now on nobody reads them again."""
    return _CODES.drop(response, ref=me.backend.ref)


def _binding(me: SignedIn) -> bytes:
    return f"{me.backend.pk}/{me.account.pk}/{me.session.pk}".encode()
