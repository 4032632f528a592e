"""Signing in and out. The password is only the first half; see ``verify`` and ``set_up``."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from console import visits
from console.access import public, visit_of
from console.addresses import return_address, send_to
from console.render import locked, page
from lingauth.core.errors import DomainError, TooManyAttempts
from lingauth.pages.addresses import go
from lingauth.pages.forms import SignInForm
from lingauth.services import operators
from lingauth.services.context import client_info

WRONG = "Email or password is not right."


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. Somebody who is signed in already goes on at once."""
    return_to = return_address(request)
    if request.method != "POST":
        if visit_of(request) is not None:
            return go(return_to)
        form = SignInForm(initial={"return_to": return_to})
        form.fields["email"].widget.attrs["autofocus"] = True
        return page(request, "sign_in.html", {"form": form})
    form = SignInForm(request.POST)
    if not form.is_valid():
        form.focus_first_error()
        return page(request, "sign_in.html", {"form": form}, status=422)
    try:
        user = operators.sign_in(
            email=form.cleaned_data["email"],
            password=form.cleaned_data["password"],
            client=client_info(request),
        )
    except TooManyAttempts as error:
        return locked(request, "sign_in.html", {"form": form}, error)
    except DomainError:
        return page(request, "sign_in.html", {"form": form, "problem": WRONG}, status=422)
    visits.begin(request, user)
    return send_to("console:verify", return_to=return_to)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this operator's session."""
    visit = visit_of(request)
    if visit is not None:
        operators.sign_out(user=visit.user, client=client_info(request))
    visits.end(request)
    response = go(reverse("console:sign_in"))
    response["Clear-Site-Data"] = '"cache"'
    return response
