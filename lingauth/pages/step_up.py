"""The door for apps that leave the second step to our pages: in by a ticket, out by a code."""

from __future__ import annotations

from django.http import HttpResponse

from lingauth.api.browser import remember
from lingauth.core.errors import DomainError
from lingauth.pages import guests
from lingauth.pages.addresses import carry, go, leave, page
from lingauth.pages.hosted import hosted, over
from lingauth.pages.social import cookie_of
from lingauth.pages.visits import Visit
from lingauth.services import step_up
from lingauth.services.social import browser


@hosted("GET")
def begin(visit: Visit) -> HttpResponse:
    """Take the ticket out of the address, and bind its flow to this browser."""
    ref = visit.backend.ref
    cookie = browser.value_for(cookie_of(visit))
    try:
        flow_id = step_up.arrive(
            backend=visit.backend,
            ticket=visit.request.GET.get("ticket"),
            browser_digest=browser.digest(visit.backend, cookie),
            client=visit.client,
        )
    except DomainError:
        return over(visit.request)
    response = go(page("mfa", ref) + carry(guests.address(ref, flow_id)))
    response.headers["Referrer-Policy"] = "no-referrer"
    return remember(response, ref, cookie)


@hosted("GET")
def done(visit: Visit) -> HttpResponse:
    """Back to the app."""
    if visit.guest is None:
        return over(visit.request)
    try:
        return leave(step_up.leave(visit.guest))
    except DomainError:
        return over(visit.request)
