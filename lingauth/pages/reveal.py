"""New recovery codes on their way to the page that shows them: in a cookie of their own, encrypted,
for five minutes, for this session and these addresses. So the page can be loaded again, while no
address and no row of the database ever holds them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from lingauth.conf import settings
from lingauth.core.crypto import DecryptionFailed
from lingauth.pages.addresses import page
from lingauth.services.access import SignedIn

LIFE = timedelta(minutes=5)
_PURPOSE = "recovery codes on show"


def hand_over(
    me: SignedIn, codes: list[str], response: HttpResponse, *, at: datetime
) -> HttpResponse:
    """Put the codes into the browser's keeping."""
    text = json.dumps({"until": (at + LIFE).timestamp(), "codes": codes})
    sealed = settings.keychain.encrypt(_PURPOSE, text.encode(), bound_to=_binding(me))
    value = urlsafe_b64encode(sealed).decode()
    _set(me, response, value, int(LIFE.total_seconds()))
    return response


def read(request: HttpRequest, me: SignedIn, *, at: datetime) -> list[str]:
    """The codes that this session may still see; none for anything else."""
    value = request.COOKIES.get(_name(me), "")
    if not value:
        return []
    try:
        sealed = urlsafe_b64decode(value)
        opened = settings.keychain.decrypt(_PURPOSE, sealed, bound_to=_binding(me))
    except (ValueError, DecryptionFailed):
        return []
    kept = json.loads(opened)
    return list(kept["codes"]) if at.timestamp() < kept["until"] else []


def forget(me: SignedIn, response: HttpResponse) -> HttpResponse:
    """Take them away: from now on nobody reads them again."""
    _set(me, response, "", 0)
    return response


def _set(me: SignedIn, response: HttpResponse, value: str, max_age: int) -> None:
    response.set_cookie(
        _name(me),
        value,
        max_age=max_age,
        path=page("codes", me.backend.ref),
        secure=settings.is_https,
        httponly=True,
        samesite="Strict",
    )


def _name(me: SignedIn) -> str:
    return f"{'__Secure-' if settings.is_https else ''}lingauth-codes-{me.backend.ref}"


def _binding(me: SignedIn) -> bytes:
    return f"{me.backend.pk}/{me.account.pk}/{me.session.pk}".encode()
