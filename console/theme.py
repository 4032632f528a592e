"""The theme: follow the system, light, or dark. A cookie, so the server draws the right one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from console.access import public
from console.addresses import return_address
from lingauth.pages.addresses import go

YEAR = 365 * 86400
CHOICES = ("light", "dark")


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the choice and come back. Anything else but light and dark follows the system."""
    response = go(return_address(request))
    wanted = request.POST.get("theme")
    if wanted in CHOICES:
        response.set_cookie(
            "theme",
            wanted,
            max_age=YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
