"""APIs before the middleware that only pages need."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, ResolverMatch, resolve

View = TypeVar("View", bound=Callable[..., object])


def api_first(view: View) -> View:
    """Mark a view that needs none of the middleware listed after ``ApiFirstMiddleware``: one that
    takes bearer tokens, and no cookie. LingAuth's own APIs are marked."""
    view.api_first = True  # type: ignore[attr-defined]  # a function carries what is set on it
    return view


class ApiFirstMiddleware:
    """Takes requests for marked views straight to them; all others go on as they would.

    Sessions, CSRF and messages are about cookies: to a bearer token they are work without an end.
    What has to see every request (``SecurityMiddleware``, a host's own log) is listed before this
    one. A view inside ``ATOMIC_REQUESTS`` goes the usual way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            match = _found(request.path_info, getattr(request, "urlconf", settings.ROOT_URLCONF))
        except Resolver404:
            return self.get_response(request)
        request.get_host()  # only hosts that are allowed, as in CommonMiddleware
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return _in_the_clear()
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        if not (response.streaming or response.has_header("Content-Length")):
            response.headers["Content-Length"] = str(len(response.content))
        return response


def _found(path: str, urlconf: Any) -> ResolverMatch:
    """The view of this address, if it may go first. Raises Resolver404 for every other.

    Found once, as the hot addresses are few. Long ones are nobody's and would fill the memory.
    """
    return _remembered(path, urlconf) if len(path) <= _LONGEST else _marked(path, urlconf)


def _marked(path: str, urlconf: Any) -> ResolverMatch:
    match = resolve(path, urlconf)
    if not getattr(match.func, "api_first", False) or _is_atomic(match.func):
        raise Resolver404
    return match


_LONGEST = 256
_remembered = lru_cache(maxsize=1024)(_marked)


def _is_atomic(view: object) -> bool:
    """Whether Django would run this view in a transaction of the request."""
    exempt: set[str] = getattr(view, "_non_atomic_requests", set())
    return any(
        database["ATOMIC_REQUESTS"] and alias not in exempt
        for alias, database in connections.settings.items()
    )


def _in_the_clear() -> HttpResponse:
    """No redirect: a client that follows one sends its token in the clear each time, unnoticed."""
    body = {"code": "https_required", "message": "This API is spoken over https."}
    return JsonResponse(body, status=403)
