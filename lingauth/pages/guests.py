"""Guests: people who are at the pages of the second step for an app, which waits for them.

The address that they return to names the flow, and goes with them from page to page. It is worth
nothing in another browser than the one that set out.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, QueryDict

from lingauth.pages.addresses import page
from lingauth.pages.visits import return_to
from lingauth.services import step_up
from lingauth.services.social import browser
from lingauth.services.step_up import Guest


class Over(Exception):
    """The address names a flow that is over, or another browser's. ``back`` leads to the app of one
    that was this browser's."""

    def __init__(self, back: str = "") -> None:
        super().__init__()
        self.back = back


def address(ref: str, flow_id: UUID) -> str:
    """Where a guest ends up, and by which the pages know one."""
    return f"{page('step_up_done', ref)}?{urlencode({'flow': flow_id})}"


def of(request: HttpRequest, ref: str) -> Guest | None:
    """The guest, or None for an ordinary visit. Raises Over."""
    if not request.path.startswith(page("mfa", ref)):
        return None
    end = page("step_up_done", ref)
    own, _, query = (
        (end, "", request.META["QUERY_STRING"])
        if request.path == end
        else return_to(request).partition("?")
    )
    if own != end:
        return None
    try:
        flow_id = UUID(QueryDict(query).get("flow", ""))
    except ValueError:
        raise Over from None
    cookie = request.COOKIES.get(browser.cookie_name(ref))
    guest = step_up.guest(ref=ref, flow_id=flow_id, cookie=cookie)
    if guest is None:
        raise Over(step_up.origin(flow_id=flow_id, cookie=cookie))
    return guest
