"""The operator's code: after the password, and again before a sensitive change."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from console import codes
from console.access import Visit, signed_in
from console.addresses import page_above, return_address, send_to
from lingauth.pages.addresses import go
from lingauth.services import operator_factors

WRONG = "That code didn’t work. Enter the code that is showing in your app now."


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for a code, then go where the operator was going."""
    return_to = return_address(request)
    if not operator_factors.exists(user=visit.user):
        return send_to("console:set_up", return_to=return_to)
    if request.method != "POST" and visit.fresh:
        return go(return_to)
    return codes.ask(
        request,
        visit,
        template="verify.html",
        context={"again": visit.verified_at is not None, "back": page_above(return_to)},
        check=operator_factors.verify,
        wrong=WRONG,
    )
