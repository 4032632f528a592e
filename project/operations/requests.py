"""A request has an id, which its answer, its events and its log lines share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from lingauth.models import Event
from lingauth.services import traces
from lingauth.services.context import request_id
from lingauth.signals import event_recorded
from project.operations.current import Current, current
from project.operations.routes import route_of

access = logging.getLogger("lingauth.access")


class RequestMiddleware:
    """Answers the id in ``X-Request-Id``, knows the request while it lasts, and writes its access
    line where those are asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        event_recorded.connect(_note_event, dispatch_uid="project.operations.requests")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = Current(request, request_id(request))
        token = current.set(known)
        began = perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-Id"] = known.request_id
            if settings.ACCESS_LOG:
                _write_line(request, response, perf_counter() - began)
        finally:
            current.reset(token)
        return response


def _note_event(*, event: Event, **_: Any) -> None:
    """An event names whom a request without a token was about, such as a sign-in that failed."""
    now = current.get()
    if now is None or event.account_uuid is None:
        return
    if traces.about(now.request).session_id is None:
        traces.note(now.request, account_uuid=event.account_uuid, session_id=event.session_id)


def _write_line(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """By the route's name: addresses and their queries may hold what nobody may read."""
    route = route_of(request)
    fields: dict[str, Any] = {
        "method": route.method,
        "route": route.name,
        "backend": route.backend,
        "status": response.status_code,
        "code": traces.refusal(response),
        "milliseconds": round(seconds * 1000, 1),
    }
    fields = {name: value for name, value in fields.items() if value != ""}
    access.info(
        "%s %s %s", route.method, route.name, response.status_code, extra={"fields": fields}
    )
