"""What is answered where no view is, or where one failed: a page to people, the one error body to
programs, and never a trace of what went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

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


def failed(request: HttpRequest) -> HttpResponse:
    """500. What happened is in the log."""
    return _answer(
        request,
        500,
        code="unexpected_failure",
        title="Something went wrong here",
        message="It was not your doing. Try again in a moment.",
    )


def _answer(
    request: HttpRequest, status: int, *, code: str, title: str, message: str
) -> HttpResponse:
    if "text/html" in request.headers.get("Accept", ""):
        context = {"title": title, "message": message}
        return harden(render(request, "project/problem.html", context, status=status))
    return harden(JsonResponse({"code": code, "message": f"{title}."}, status=status))
