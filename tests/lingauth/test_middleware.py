"""APIs go before the middleware that only pages need, and lose nothing by it."""

from __future__ import annotations

import pytest
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from lingauth import middleware
from lingauth.middleware import api_first
from tests.support.app import App

pytestmark = pytest.mark.django_db

SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"


def has_session(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(hasattr(request, "session")))


urlpatterns = [
    path("page", lambda request: has_session(request)),
    path("api", api_first(transaction.non_atomic_requests(has_session))),
    path("atomic", api_first(lambda request: has_session(request))),
]


@pytest.fixture
def site(settings: Settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client()


def test_only_marked_views_go_before_the_rest(site: Client) -> None:
    assert site.get("/page").content == b"True"
    answer = site.get("/api")
    assert answer.content == b"False"
    assert answer["Content-Length"] == "5"


def test_a_view_in_a_transaction_of_the_request_goes_the_usual_way(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)
    assert site.get("/atomic").content == b"True"


def test_what_stands_before_it_still_sees_the_apis(app: App) -> None:
    answer = app.auth("GET", "health", anonymous=True)
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"  # SecurityMiddleware's
    assert answer.wsgi_request.resolver_match.view_name == "lingauth_api:health"
    assert not hasattr(answer.wsgi_request, "session")


def test_a_host_that_is_not_allowed_is_refused(app: App) -> None:
    answer = app.http.get(f"/b/{app.ref}/auth/v1/health", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400


def test_in_the_clear_pages_redirect_and_apis_refuse(app: App, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    page = app.http.get(f"/b/{app.ref}/sign-in")
    assert (page.status_code, page["Location"][:8]) == (301, "https://")
    for address in ("auth/v1/user", "rest/v1/notes"):
        answer = app.http.get(f"/b/{app.ref}/{address}")
        assert (answer.status_code, answer.json()["code"]) == (403, "https_required")
    secure = app.http.get(f"/b/{app.ref}/auth/v1/health", secure=True)
    assert secure.status_code == 200


def test_long_addresses_are_not_remembered(app: App) -> None:
    middleware._remembered.cache_clear()
    for length, more in ((100, 1), (5000, 0)):
        before = middleware._remembered.cache_info().currsize
        answer = app.auth("GET", "x" * length, anonymous=True)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
        assert middleware._remembered.cache_info().currsize == before + more
