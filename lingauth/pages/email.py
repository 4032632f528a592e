"""One's own address: changing it, confirming that by codes, and letting a change go."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.assurance import Level
from lingauth.core.errors import (
    CurrentPasswordInvalid,
    DomainError,
    InsufficientLevel,
    ReauthenticationNeeded,
    TooManyAttempts,
    ValidationFailed,
)
from lingauth.pages import mail_words, mailed, words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.entry import changed
from lingauth.pages.forms import EmailForm, MailCodeForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit
from lingauth.services import accounts, email_change, redemption
from lingauth.services.access import SignedIn
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Purpose


@hosted()
def change(visit: Visit) -> HttpResponse:
    """A new one waits until its owner, and the owner of the one before, confirmed it."""
    me = visit.signed_in
    if me.account.new_email:
        return _confirm(visit, me)
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
    except DomainError as error:
        if error.status == 429:
            return _refused(_show, visit, me, form, error)
        if error.code != "email_exists":
            raise
        form.add_error("email", mail_words.TAKEN)
    if form.errors:
        return _show(visit, me, form, status=422)
    if visit.backend.auto_confirm:
        return go(f"{page('account', visit.backend.ref)}?done=email")
    return go(f"{page('email', visit.backend.ref)}?done=asked")


@hosted("POST", resume=False)
def cancel(visit: Visit) -> HttpResponse:
    """The codes and links of the mails stop working."""
    _must_be_verified(visit, visit.signed_in)
    email_change.cancel(me=visit.signed_in)
    return go(f"{page('account', visit.backend.ref)}?done=kept")


def _confirm(visit: Visit, me: SignedIn) -> HttpResponse:
    """The codes of the mails, one field for each address that has yet to confirm."""
    _must_be_verified(visit, me)
    if visit.request.method != "POST":
        return _waiting(visit, me, None)
    new = "new-code" in visit.request.POST
    form = MailCodeForm(visit.request.POST, prefix="new" if new else "current")
    if not form.is_valid():
        return _waiting(visit, me, form, status=422)
    try:
        outcome = redemption.with_code(
            backend=visit.backend,
            type="email_change",
            email=me.account.new_email if new else me.account.email,
            code=form.cleaned_data["code"],
            client=visit.client,
        )
    except TooManyAttempts as error:
        return _refused(_waiting, visit, me, form, error)
    except DomainError as error:
        form.add_error("code", mail_words.wrong_code(error))
        return _waiting(visit, me, form, status=error.status)
    if isinstance(outcome, Grant):
        return changed(visit, outcome)
    return go(f"{page('email', visit.backend.ref)}?done=half")


def _waiting(
    visit: Visit, me: SignedIn, given: MailCodeForm | None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    rows: list[MailCodeForm] = []
    for purpose in email_change.waits_for(me.account):
        new = purpose is Purpose.EMAIL_CHANGE_NEW
        prefix = "new" if new else "current"
        form = (
            given if given is not None and given.prefix == prefix else MailCodeForm(prefix=prefix)
        )
        address = me.account.new_email if new else me.account.email
        form.fields["code"].label = _("Code sent to %(email)s") % {"email": address}
        if rows or given is not None:
            form.fields["code"].widget.attrs.pop("autofocus", None)
        if form.errors:
            form.focus_first_error()
        rows.append(form)
    context = {
        "forms": rows,
        "form": given,
        "problem": problem,
        "notice": words.notice(visit.request.GET.get("done")),
    }
    return visit.render("email_waits", context, status=status)


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
        "heading": _("Change your address") if me.account.has_address else _("Add an address"),
        "lead": "" if visit.backend.auto_confirm else lead % {"email": me.account.email},
        "action": _("Change address") if me.account.has_address else _("Add address"),
    }
    return visit.render("form", context, status=status)


def _refused(show: Any, visit: Visit, me: SignedIn, form: Any, error: DomainError) -> HttpResponse:
    """Too many guesses, or too many mails: the form again, with how long to wait."""
    wait = error.retry_after or 60
    limited = error.code == mailed.LIMITED
    problem = mail_words.until_next_mail(wait) if limited else words.sentence(error)
    response: HttpResponse = show(visit, me, form, problem=problem, status=error.status)
    response.headers["Retry-After"] = str(wait)
    return response


def _must_be_verified(visit: Visit, me: SignedIn) -> None:
    """As for the account page: who has a factor proves it before seeing or changing anything."""
    if me.has_factor and me.level(visit.at) is not Level.AAL2:
        raise InsufficientLevel


def _again(visit: Visit) -> HttpResponse:
    return go(page("again", visit.backend.ref) + carry(page("email", visit.backend.ref)))
