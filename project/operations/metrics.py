"""The middleware that measures, and the page of what was measured.

It is in ``MIDDLEWARE`` only where ``LINGAUTH_METRICS`` names an address: elsewhere no request does
any of this work, and the library is not even imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hmac import compare_digest
from time import perf_counter

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse

from lingauth.services import outbox, traces
from project.operations import instruments
from project.operations.counting import (
    CONTENT_TYPE_LATEST,
    Collector,
    CollectorRegistry,
    GaugeMetricFamily,
    Metric,
    MultiProcessCollector,
    generate_latest,
)
from project.operations.routes import Route, route_of


class MetricsMiddleware:
    """Measures every request, and answers the address of the metrics itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        instruments.listen()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == settings.METRICS_PATH:
            return page(request)
        began = perf_counter()
        response = self.get_response(request)
        _observe(request, response, perf_counter() - began)
        return response


def page(request: HttpRequest) -> HttpResponse:
    """What all workers of this server counted. Without the secret it is not shown."""
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if not compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        response = HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    else:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # theirs
        registry.register(WaitingMail())
        response = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


class WaitingMail(Collector):
    """The outbox as it is now, for whichever process delivers."""

    def collect(self) -> Iterable[Metric]:
        try:
            state = outbox.look()
        except (DatabaseError, InterfaceError):
            return  # the rest of the page is wanted all the more
        yield GaugeMetricFamily("lingauth_mail_waiting", "Mails to be sent.", state.waiting)
        yield GaugeMetricFamily("lingauth_mail_failed", "Mails given up.", state.failed)


def _observe(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    route, code = route_of(request), traces.refusal(response)
    status = f"{response.status_code // 100}xx"
    instruments.SECONDS.labels(route.name, route.method, status).observe(seconds)
    if code:
        instruments.REFUSALS.labels(route.surface, code).inc()
    if _is_refresh(request, route):
        instruments.REFRESHES.labels(code or ("ok" if status == "2xx" else status)).inc()


def _is_refresh(request: HttpRequest, route: Route) -> bool:
    return (
        route.name == "lingauth_api:token"
        and route.method == "POST"
        and request.GET.get("grant_type") == "refresh_token"
    )
