"""A short access token for an app on the same site, against the pages' cookie."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse

from lingauth.core.errors import SessionGone
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit
from lingauth.services import cookies


@hosted("POST")
def access_token(visit: Visit) -> HttpResponse:
    """The cookie stays the only credential that lasts; the app keeps this one in memory.

    Answers ``access_token``, ``token_type``, ``expires_in`` (seconds), ``expires_at`` (Unix time),
    ``user`` with its ``id``, and ``aal``; 401 for nobody. The CSRF token is asked for as in any
    form, so no page of another site gets one.
    """
    me = visit.me
    if me is None:
        body = {"code": SessionGone.code, "message": "Sign in first."}
        return JsonResponse(body, status=401)
    token, expires_at = cookies.access_token(me=me)
    return JsonResponse(
        {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": max(1, expires_at - int(visit.at.timestamp())),
            "expires_at": expires_at,
            "user": {"id": str(me.account.uuid)},
            "aal": me.level(visit.at).value,
        }
    )
