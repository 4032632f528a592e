"""What is answered where no view is, or where one failed: a page to people, the one error body to
programs, and never a trace of what went wrong."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from lingauth.core.errors import Unavailable
from lingauth.pages.security import harden


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, also for what somebody may not know to exist."""
    return _answer(
        request,
        404,
        code="not_found",
        title="There is nothing at this address",
        message="Check the address, or start again from the first page.",
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: Django could not make sense of the request itself."""
    return _answer(
        request,
        400,
        code="validation_failed",
        title="This request cannot be read",
        message="Go back and try again.",
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 where no page of ours said more."""
    return _answer(
        request,
        403,
        code="forbidden",
        title="This is not allowed",
        message="Go back to where you came from.",
    )


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: most often a page that was open for too long."""
    return _answer(
        request,
        403,
        code="csrf_failed",
        title="This page was open for too long",
        message="Go back, reload the page and try again. Nothing was changed.",
    )


def failed(request: HttpRequest) -> HttpResponse:
    """503 where the database is away or full, since that passes; else 500. What happened is in the
    log."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return _unavailable(request)
    return _answer(
        request,
        500,
        code="unexpected_failure",
        title="Something went wrong here",
        message="It was not your doing. Try again in a moment.",
    )


def _unavailable(request: HttpRequest) -> HttpResponse:
    error = Unavailable()
    response = _answer(
        request,
        error.status,
        code=error.code,
        title="The service is busy",
        message="Try again in a moment.",
    )
    response["Retry-After"] = str(error.retry_after)
    return response


def _answer(
    request: HttpRequest, status: int, *, code: str, title: str, message: str
) -> HttpResponse:
    if "text/html" in request.headers.get("Accept", ""):
        context = {"title": title, "message": message}
        return harden(render(request, "project/problem.html", context, status=status))
    return harden(JsonResponse({"code": code, "message": f"{title}."}, status=status))
