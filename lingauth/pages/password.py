"""Changing one's own password."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.errors import CurrentPasswordInvalid, SamePassword, TooManyAttempts, WeakPassword
from lingauth.pages import words
from lingauth.pages.addresses import go, page
from lingauth.pages.forms import PasswordForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit
from lingauth.services import accounts


@hosted()
def change(visit: Visit) -> HttpResponse:
    """Asks for the present password, and for a fresh code from who has a factor."""
    me = visit.signed_in
    me.require_fresh(visit.at, "AAL2 required to change the password")
    minimum = visit.backend.password_min_length
    form = PasswordForm(visit.request.POST or None, minimum=minimum)
    form.fields["username"].initial = me.account.email
    if visit.request.method != "POST":
        return _show(visit, form)
    if not form.is_valid():
        return _show(visit, form, status=422)
    try:
        accounts.update(
            me=me,
            password=form.cleaned_data["new"],
            current_password=form.cleaned_data["current"],
            client=visit.client,
        )
    except CurrentPasswordInvalid as error:
        form.add_error("current", words.sentence(error))
        return _show(visit, form, status=422)
    except (WeakPassword, SamePassword) as error:
        form.add_error("new", words.sentence(error))
        return _show(visit, form, status=422)
    except TooManyAttempts as error:
        response = _show(visit, form, problem=words.sentence(error), status=error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return go(f"{page('account', visit.backend.ref)}?done=password")


def _show(
    visit: Visit, form: PasswordForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    if form.errors:
        form.focus_first_error()
    context = {
        "form": form,
        "problem": problem,
        "heading": _("Change your password"),
        "lead": _("All your other sessions end with it."),
        "action": _("Change password"),
    }
    return visit.render("form", context, status=status)
