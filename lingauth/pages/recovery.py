"""Getting in without the authenticator."""

from __future__ import annotations

from django.http import HttpResponse

from lingauth.core.email import mask
from lingauth.core.errors import CodeRefused, TooManyAttempts
from lingauth.pages import words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.forms import RecoveryForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit, remember
from lingauth.services import recovery


@hosted()
def use(visit: Visit) -> HttpResponse:
    """One recovery code in place of an authenticator's."""
    me = visit.signed_in
    ref = visit.backend.ref
    if not me.has_factor:
        return go(page("mfa_setup", ref) + carry(visit.return_to))
    if visit.request.method != "POST":
        return _show(visit, RecoveryForm(initial={"return_to": visit.return_to}))
    form = RecoveryForm(visit.request.POST)
    if not form.is_valid():
        return _show(visit, form, status=422)
    try:
        grant = recovery.verify(me=me, code=form.cleaned_data["code"], client=visit.client)
    except CodeRefused as error:
        form.add_error("code", words.WRONG_RECOVERY_CODE)
        return _show(visit, form, status=error.status)
    except TooManyAttempts as error:
        problem = words.locked(error)
        response = _show(visit, form, problem=problem, status=error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return remember(visit, go(visit.return_to or page("account", ref)), grant.session)


@hosted("GET", "HEAD")
def help_page(visit: Visit) -> HttpResponse:
    """What to try when neither the authenticator nor a code is at hand, and whom to ask."""
    visit.signed_in  # noqa: B018  # strangers go to the sign-in page
    return visit.render("mfa_help")


def _show(
    visit: Visit, form: RecoveryForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    if form.errors:
        form.focus_first_error()
    context = {
        "form": form,
        "problem": problem,
        "who": mask(visit.signed_in.account.email),
    }
    return visit.render("mfa_recovery", context, status=status)
