"""What a request is called in metrics and logs: never by its address, which anybody can make up."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_SURFACES = {
    "lingauth_api": "auth",
    "lingauth_data": "data",
    "lingauth_pages": "pages",
    "console": "console",
}
_NO_ROUTE = "none"


@dataclass(frozen=True, slots=True)
class Route:
    """``name`` is the resolver's, or ``none``. ``backend`` is the ref in the address, if any."""

    name: str
    method: str
    surface: str
    backend: str


def route_of(request: HttpRequest) -> Route:
    """The route that a request took, once it is answered."""
    method = request.method if request.method in _METHODS else "other"
    match = request.resolver_match
    if match is None:  # a static file, or nothing is there
        return Route(_NO_ROUTE, str(method), "site", "")
    surface = _SURFACES.get(match.namespaces[0] if match.namespaces else "", "site")
    return Route(
        match.view_name or _NO_ROUTE, str(method), surface, str(match.kwargs.get("ref", ""))
    )
