"""The landing page: where everything is. It says what ``make run`` prints, but no secret."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lingauth.pages.security import secured
from project import demo_backend
from project.mailbox import access


@secured
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """For everybody; without the demo it only leads to the console."""
    context: dict[str, object] = {"mailbox_is_open": access.is_open(request)}
    if demo := demo_backend.find():
        context |= {
            "backend": demo.backend,
            "base_url": demo.base_url,
            "anon_key": demo.anon_key,
            "docs_url": demo.docs_url,
            "curl": demo.curl,
            "reset_operator": demo_backend.RESET_OPERATOR,
        }
    return render(request, "project/landing.html", context)
