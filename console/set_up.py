"""The operator's first authenticator. Nothing else is reachable without one."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from console import codes
from console.access import Visit, signed_in
from console.addresses import return_address, send_to
from lingauth.services import operator_factors

WRONG = (
    "That code didn’t match. Check that you scanned the newest QR code, that your phone sets its "
    "time automatically, and enter the code that is showing now."
)
EXPIRED = "This set-up page expired. Scan the new QR code above, and enter the code it gives."


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the key, the same one on every reload, until a code proves that it was taken over."""
    if operator_factors.exists(user=visit.user):
        # A second authenticator is never added on a password alone.
        return send_to("console:verify", return_to=return_address(request))
    pending = operator_factors.pending(user=visit.user)
    enrollment = pending or operator_factors.enroll(user=visit.user)
    secret = enrollment.secret
    return codes.ask(
        request,
        visit,
        template="set_up.html",
        context={
            "enrollment": enrollment,
            "qr": f"data:image/svg+xml;charset=utf-8,{quote(enrollment.qr_svg)}",
            "groups": [secret[i : i + 4] for i in range(0, len(secret), 4)],
        },
        check=operator_factors.confirm,
        wrong=WRONG,
        expired="" if pending else EXPIRED,
    )
