"""No route below ``rest/v1`` without the gate: a new view that forgets it fails here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, include, path
from rest_framework.views import APIView

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.base import ApiView
from lingauth.api.permissions import EnforceBackendPolicy
from lingauth.data import urls

MARK = "rest/v1/"


def routes(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Every address of the project as written, with its view."""
    for pattern in patterns:
        address = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        else:
            yield address, pattern.callback


def ungated(patterns: list[URLPattern | URLResolver]) -> list[str]:
    """The data API's addresses whose view could be reached below the level."""
    found = []
    for address, callback in routes(patterns):
        if MARK not in address:
            continue
        view = getattr(callback, "cls", None)
        if not (
            isinstance(view, type)
            and issubclass(view, APIView)
            and view.authentication_classes == (BackendJWTAuthentication,)
            and EnforceBackendPolicy in view.permission_classes
            and view.get_permissions is APIView.get_permissions
            and view.get_authenticators is APIView.get_authenticators
            and view.check_permissions is APIView.check_permissions
            and view.initial in (APIView.initial, ApiView.initial)
        ):
            found.append(address)
    return found


def test_every_route_of_the_data_api_is_gated() -> None:
    assert any(MARK in address for address, _ in routes(get_resolver().url_patterns))
    assert ungated(get_resolver().url_patterns) == []


def test_no_path_below_the_data_api_escapes_to_another_view() -> None:
    for tail in ("", "notes", "notes/", "rpc/x", "a/b/c", "auth/v1/user", "%0a", "é", "a\nb"):
        match = get_resolver().resolve(f"/b/acme/{MARK}{tail}")
        assert match.view_name == "lingauth_data:table"


class Bare(APIView):
    """A view that somebody forgot to put behind the gate."""


def function(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize("view", [Bare.as_view(), function])
def test_a_route_without_the_gate_is_found(view: Any) -> None:
    forgotten = path("forgotten", view)
    grown: list[URLPattern | URLResolver] = [
        path(f"b/<slug:ref>/{MARK}", include([forgotten, *urls.urlpatterns]))
    ]
    assert ungated(grown) == [f"b/<slug:ref>/{MARK}forgotten"]
