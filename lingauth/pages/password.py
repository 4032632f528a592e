"""One's own password: changing the one there is, choosing one without knowing it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.assurance import Method
from lingauth.core.errors import (
    CurrentPasswordInvalid,
    ReauthenticationNeeded,
    SamePassword,
    TooManyAttempts,
    WeakPassword,
)
from lingauth.pages import steps, words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.forms import NewPasswordForm, PageForm, PasswordForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit
from lingauth.services import accounts
from lingauth.services.access import SignedIn


@hosted()
def change(visit: Visit) -> HttpResponse:
    """Asks for the present password, and for a fresh code from who has a factor."""
    me = visit.signed_in
    if not me.account.user.has_usable_password():
        return go(page("new_password", visit.backend.ref) + carry(visit.return_to))
    me.require_fresh(visit.at, "AAL2 required to change the password")
    form = PasswordForm(visit.request.POST or None, minimum=visit.backend.password_min_length)
    context = {
        "heading": _("Change your password"),
        "lead": _("All your other sessions end with it."),
        "action": _("Change password"),
        "forgot": True,
    }
    if refusal := _ask(visit, me, form, context):
        return refusal
    return go(f"{page('account', visit.backend.ref)}?done=password")


@hosted()
def choose(visit: Visit) -> HttpResponse:
    """For somebody who came by their mailbox, or has no password yet. With a factor, not before its
    code: a mailbox alone never opens such an account."""
    me = visit.signed_in
    first = not me.account.user.has_usable_password()
    if not first and _came_by_password(me):
        return go(page("password", visit.backend.ref))
    me.require_fresh(visit.at, "AAL2 required to choose a password")
    if not me.session.is_fresh(visit.at, has_factor=me.has_factor):
        return _again(visit)
    form = NewPasswordForm(
        visit.request.POST or None,
        initial={"return_to": visit.return_to},
        minimum=visit.backend.password_min_length,
    )
    context = {
        "heading": _("Choose a password") if first else _("Choose a new password"),
        "lead": _("You sign in with it from now on.")
        if first
        else _("The old one stops working, and all your other sessions end."),
        "action": _("Save password"),
    }
    if refusal := _ask(visit, me, form, context):
        return refusal
    onward = visit.return_to or f"{page('account', visit.backend.ref)}?done=password"
    return go(steps.onward(me, visit.at, onward))


def _ask(
    visit: Visit, me: SignedIn, form: PageForm, context: dict[str, Any]
) -> HttpResponse | None:
    """Show the form, and change the password by it. None: that is done."""
    form.fields["username"].initial = me.account.email

    def show(*, problem: str = "", status: int = 200) -> HttpResponse:
        if form.errors:
            form.focus_first_error()
        more = {"form": form, "problem": problem}
        return visit.render("form", context | more, status=status)

    if visit.request.method != "POST":
        return show()
    if not form.is_valid():
        return show(status=422)
    try:
        accounts.update(
            me=me,
            password=form.cleaned_data["new"],
            current_password=form.cleaned_data.get("current"),
            client=visit.client,
        )
    except CurrentPasswordInvalid as error:
        form.add_error("current", words.sentence(error))
        return show(status=422)
    except (WeakPassword, SamePassword) as error:
        form.add_error("new", words.sentence(error))
        return show(status=422)
    except TooManyAttempts as error:
        response = show(problem=words.sentence(error), status=error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    except ReauthenticationNeeded:  # the ten minutes went by while they were thinking
        return _again(visit)
    return None


def _again(visit: Visit) -> HttpResponse:
    here = page("new_password", visit.backend.ref) + carry(visit.return_to)
    return go(page("again", visit.backend.ref) + carry(here))


def _came_by_password(me: SignedIn) -> bool:
    return any(method["method"] == Method.PASSWORD for method in me.session.methods)
