"""Asking for a mail: the password is forgotten, or it is not sure that this is still them."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lingauth.core.errors import ValidationFailed
from lingauth.pages import mailed, words
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.forms import AddressForm, EmptyForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit, forget
from lingauth.services import sessions
from lingauth.services.mail_tokens import Purpose


@hosted()
def forgot(visit: Visit) -> HttpResponse:
    """The same page for every address, whoever has it."""
    if visit.request.method != "POST":
        known = visit.me.account.email if visit.me else ""
        form = AddressForm(initial={"email": known, "return_to": visit.return_to})
        return visit.render("forgot", {"form": form})
    form = AddressForm(visit.request.POST)
    if form.is_valid():
        try:
            return mailed.ask(visit, form.cleaned_data["email"], Purpose.RECOVERY)
        except ValidationFailed as error:
            form.add_error("email", words.sentence(error))
    form.focus_first_error()
    return visit.render("forgot", {"form": form}, status=422)


@hosted()
def again(visit: Visit) -> HttpResponse:
    """Somebody whose sign-in is too long ago for what they want, and who has no password to give:
    in once more, and back to where they were."""
    account = visit.signed_in.account
    if visit.request.method == "POST":
        if account.has_address:
            return mailed.ask(visit, account.email, Purpose.MAGICLINK)
        sessions.sign_out(me=visit.signed_in, scope="local", client=visit.client)
        return forget(visit, go(page("sign_in", visit.backend.ref) + carry(visit.return_to)))
    context = {
        "form": EmptyForm(),
        "heading": _("Confirm that it is you"),
        "lead": _("We mail a code to %(email)s. Then you can go on.") % {"email": account.email}
        if account.has_address
        else _("Sign in again. Then you can go on."),
        "action": _("Email me a code") if account.has_address else _("Sign in again"),
    }
    return visit.render("form", context)
