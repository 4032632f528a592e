"""The description as JSON, and the page over it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from rest_framework.request import Request

from lingauth.api.base import AuthView
from lingauth.api.docs import document
from lingauth.conf import settings
from lingauth.core.errors import NotFound
from lingauth.pages import words
from lingauth.pages.security import harden
from lingauth.services import access


class OpenApiView(AuthView):
    """``openapi.json``: for people's tools, from any origin."""

    def get(self, request: Request, ref: str) -> HttpResponse:
        described = document.describe(self.backend(request))
        response = JsonResponse(described, json_dumps_params={"ensure_ascii": False})
        response["Cache-Control"] = "public, max-age=300"
        return response


def page(request: HttpRequest, ref: str) -> HttpResponse:
    """Swagger UI, served from here. All it runs is in files, so that nothing inline is allowed."""
    if request.method not in ("GET", "HEAD"):
        return harden(HttpResponseNotAllowed(("GET", "HEAD")))
    try:
        backend = access.read(ref=ref).backend
    except NotFound:
        heading, line = words.NO_SUCH_PAGE
        context = {"heading": heading, "lines": [line]}
        return harden(render(request, "lingauth/pages/message.html", context, status=404))
    context = {
        "backend": backend,
        "openapi": reverse("lingauth_docs:openapi", kwargs={"ref": ref}),
        "swagger": apps.is_installed("drf_spectacular_sidecar"),
    }
    response = harden(render(request, "lingauth/docs.html", context))
    response["Content-Security-Policy"] = policy(request)
    return response


def policy(request: HttpRequest) -> str:
    """What the page needs: our files, the icons in Swagger UI's style sheet, and calls to the API,
    which is elsewhere if somebody came by another name of this host than the site's own."""
    parts = urlsplit(settings.SITE_URL)
    site = f"{parts.scheme}://{parts.netloc}"
    here = f"{request.scheme}://{request.get_host()}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'" if here == site else f"connect-src 'self' {site}",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
