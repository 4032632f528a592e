"""Asking for a code: the one way a form, a service and a refusal come together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from console import visits
from console.access import Visit
from console.addresses import return_address
from console.render import locked, page
from lingauth.core.errors import CodeRefused, DomainError, TooManyAttempts
from lingauth.pages.addresses import go
from lingauth.pages.forms import CodeForm
from lingauth.services.context import client_info

HINT = "It changes every 30 seconds."
STEP = 30
"""Seconds that an authenticator app shows one code."""

REUSED = "That code was already used. Wait for the next one."
LATE = "Your code looks out of date. Set your phone’s time to automatic and try again."

Check = Callable[..., Any]


def ask(
    request: HttpRequest,
    visit: Visit,
    *,
    template: str,
    context: Mapping[str, Any],
    check: Check,
    wrong: str,
    expired: str = "",
) -> HttpResponse:
    """Show ``template`` with a code field; on POST, hand the code to ``check``.

    ``check(user, code, client)`` answers with the device that accepted it, or raises. Then the
    session counts as confirmed, and the operator goes where they were going. ``expired`` is said in
    place of checking at all.
    """
    return_to = return_address(request)
    if request.method != "POST":
        form = code_form(initial={"return_to": return_to})
        return page(request, template, {**context, "form": form}, visit=visit)
    form = code_form(request.POST)
    wait = 0
    if form.is_valid() and expired:
        form.add_error("code", expired)
    elif form.is_valid():
        try:
            device = check(
                user=visit.user, code=form.cleaned_data["code"], client=client_info(request)
            )
        except TooManyAttempts as error:
            return locked(request, template, {**context, "form": form}, error, visit=visit)
        except DomainError as error:
            if isinstance(error, CodeRefused) and error.reused:
                wait, wrong = STEP - int(visit.at.timestamp()) % STEP, REUSED
            elif isinstance(error, CodeRefused) and error.late:
                wrong = LATE
            form.add_error("code", wrong)
        else:
            visits.confirm(request, device)
            return go(return_to)
    form.focus_first_error()
    shown = {**context, "form": form, "wait": wait}
    return page(request, template, shown, visit=visit, status=422)


def code_form(*args: Any, **kwargs: Any) -> CodeForm:
    form = CodeForm(*args, **kwargs)
    form.fields["code"].help_text = HINT
    return form
