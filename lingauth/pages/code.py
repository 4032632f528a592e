"""A mail is on its way: the page that takes its code, and sends another."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.errors import DomainError, TooManyAttempts
from lingauth.pages import mail_words, mailed, words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.entry import enter
from lingauth.pages.forms import MailCodeForm
from lingauth.pages.hosted import hosted
from lingauth.pages.mailed import Asked
from lingauth.pages.visits import Visit
from lingauth.services import redemption
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Purpose

TYPES = {Purpose.RECOVERY: "recovery", Purpose.SIGNUP: "email", Purpose.MAGICLINK: "email"}
"""As which type a code is redeemed. Which of the two kinds a mail was that signs in is not told."""


@hosted()
def enter_code(visit: Visit) -> HttpResponse:
    """The same page whether or not anybody has the address."""
    asked = mailed.read(visit)
    if asked is None:
        return go(page("home", visit.backend.ref) + carry(visit.return_to))
    if visit.request.method != "POST":
        return _show(visit, asked, MailCodeForm(initial={"return_to": visit.return_to}))
    if "again" in visit.request.POST:
        return mailed.ask(visit, asked.email, asked.purpose, done="again")
    form = MailCodeForm(visit.request.POST)
    if not form.is_valid():
        return _show(visit, asked, form, status=422)
    try:
        grant = redemption.with_code(
            backend=visit.backend,
            type=TYPES[asked.purpose],
            email=asked.email,
            code=form.cleaned_data["code"],
            client=visit.client,
        )
    except TooManyAttempts as error:
        response = _show(visit, asked, form, problem=words.sentence(error), status=error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    except DomainError as error:
        form.add_error("code", mail_words.wrong_code(error))
        return _show(visit, asked, form, status=error.status)
    assert isinstance(grant, Grant)  # none of these types is a change of address
    return mailed.forget(visit, enter(visit, grant, purpose=asked.purpose))


def _show(
    visit: Visit, asked: Asked, form: MailCodeForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    if form.errors:
        form.focus_first_error()
    wait = asked.seconds_to_wait(visit.at)
    context = {
        "form": form,
        "problem": problem,
        "notice": words.notice(visit.request.GET.get("done")),
        "lead": mail_words.ON_ITS_WAY[asked.purpose] % {"email": asked.email},
        "waits": mail_words.until_next_mail(wait) if wait else "",
        "seconds": wait if wait <= 120 else 0,
        "other": _other(visit, asked.purpose),
    }
    return visit.render("code", context, status=status)


def _other(visit: Visit, purpose: Purpose) -> dict[str, Any]:
    """Back to where the address was given."""
    names = {Purpose.SIGNUP: "sign_up", Purpose.RECOVERY: "forgot"}
    address = page(names.get(purpose, "sign_in"), visit.backend.ref) + carry(visit.return_to)
    return {"url": address, "text": _("Use another address")}
