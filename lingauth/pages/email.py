"""One's own address: changing it, and letting a change go."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.errors import (
    CurrentPasswordInvalid,
    DomainError,
    ReauthenticationNeeded,
    TooManyAttempts,
    ValidationFailed,
)
from lingauth.pages import mail_words, mailed, words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.forms import EmailForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit
from lingauth.services import accounts, email_change
from lingauth.services.access import SignedIn


@hosted()
def change(visit: Visit) -> HttpResponse:
    """A new one waits until its owner, and the owner of the one before, confirmed it."""
    me = visit.signed_in
    me.require_fresh(visit.at, "AAL2 required to change the address")
    asks_password = False
    if not me.account.is_anonymous and not me.session.is_fresh(visit.at, has_factor=me.has_factor):
        asks_password = me.account.user.has_usable_password()
        if not asks_password:
            return _again(visit)
    form = EmailForm(visit.request.POST or None, asks_password=asks_password)
    if visit.request.method != "POST":
        return _show(visit, me, form)
    if not form.is_valid():
        return _show(visit, me, form, status=422)
    try:
        accounts.update(
            me=me,
            email=form.cleaned_data["email"],
            current_password=form.cleaned_data.get("current"),
            client=visit.client,
            redirect_to=mailed.return_address(visit.backend, page("account", me.backend.ref)),
        )
    except CurrentPasswordInvalid as error:
        form.add_error("current", words.sentence(error))
    except ValidationFailed as error:
        form.add_error("email", words.sentence(error))
    except ReauthenticationNeeded:
        return _again(visit)
    except TooManyAttempts as error:
        return _refused(visit, me, form, error, words.sentence(error))
    except DomainError as error:
        if error.code == mailed.LIMITED:
            problem = mail_words.until_next_mail(error.retry_after or 60)
            return _refused(visit, me, form, error, problem)
        if error.code != "email_exists":
            raise
        form.add_error("email", mail_words.TAKEN)
    if form.errors:
        return _show(visit, me, form, status=422)
    done = "email" if visit.backend.auto_confirm else "asked"
    return go(f"{page('account', visit.backend.ref)}?done={done}")


@hosted("POST", resume=False)
def cancel(visit: Visit) -> HttpResponse:
    """The links of the mails stop working."""
    email_change.cancel(me=visit.signed_in)
    return go(f"{page('account', visit.backend.ref)}?done=kept")


def _show(
    visit: Visit, me: SignedIn, form: EmailForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    if form.errors:
        form.focus_first_error()
    both = email_change.asks_both(me.account)
    lead = mail_words.BOTH_CONFIRM if both else mail_words.NEW_CONFIRMS
    context = {
        "form": form,
        "problem": problem,
        "heading": _("Change your address"),
        "lead": "" if visit.backend.auto_confirm else lead % {"email": me.account.email},
        "action": _("Change address"),
    }
    return visit.render("form", context, status=status)


def _refused(
    visit: Visit, me: SignedIn, form: EmailForm, error: DomainError, problem: str
) -> HttpResponse:
    response = _show(visit, me, form, problem=problem, status=error.status)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _again(visit: Visit) -> HttpResponse:
    return go(page("again", visit.backend.ref) + carry(page("email", visit.backend.ref)))
