"""The page made with the JavaScript SDK alone. The server only says which backend it is of."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lingauth.pages.forms import password_hint
from lingauth.pages.security import secured
from project import demo_backend
from project.mailbox import access


@secured
@require_safe
def app(request: HttpRequest) -> HttpResponse:
    """The same for everybody: who is signed in, the scripts find out by themselves."""
    demo = demo_backend.find()
    if demo is None:
        raise Http404
    context = {
        "backend": demo.backend,
        "anon_key": demo.anon_key,
        "here": request.path,
        "mailbox_is_open": access.is_open(request),
        "password_hint": password_hint(demo.backend.password_min_length),
    }
    return render(request, "demo/app.html", context)
