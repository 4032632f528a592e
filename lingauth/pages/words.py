"""What the pages say. One place, so that the same thing is said in the same words."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lingauth.core.errors import (
    AccountBanned,
    AccountExists,
    CurrentPasswordInvalid,
    DomainError,
    FactorNameTaken,
    FactorNotFound,
    InvalidCredentials,
    NotFound,
    SamePassword,
    SignupDisabled,
    TooManyAttempts,
    TooManyFactors,
    Unavailable,
    ValidationFailed,
    WeakPassword,
)

NO_SUCH_PAGE = (
    gettext_lazy("There is no page at this address"),
    gettext_lazy("Check the address, or go back to where you came from."),
)
FORM_TOO_OLD = (
    gettext_lazy("This page was open for too long"),
    gettext_lazy("Go back, reload the page and try again. Nothing was changed."),
)
STEP_OVER = (
    gettext_lazy("This step is over"),
    gettext_lazy(
        "It took too long, was done already, or began in another browser. Go back to the "
        "app and try again."
    ),
)

NOTICES = {
    "gone": gettext_lazy("You were signed out. Sign in to continue."),
    "signed-out": gettext_lazy("You are signed out."),
    "password": gettext_lazy("Your password was changed."),
    "added": gettext_lazy("The authenticator was added."),
    "on": gettext_lazy("Two-step verification is on."),
    "renamed": gettext_lazy("The authenticator has its new name."),
    "removed": gettext_lazy("The authenticator was removed."),
    "ended": gettext_lazy("The session was ended."),
    "others": gettext_lazy("You are signed out everywhere else."),
    "wait": gettext_lazy("Not sent: that would be too many mails in a short time."),
    "again": gettext_lazy("Another mail is on its way. The code of the one before is void."),
    "email": gettext_lazy("Your address was changed."),
    "asked": gettext_lazy("Look for our mails: your address changes once you confirmed them."),
    "half": gettext_lazy("That address agrees. One more to go."),
    "kept": gettext_lazy("Your address stays as it is."),
    "linked": gettext_lazy("You can sign in that way from now on."),
    "unlinked": gettext_lazy("That way of signing in was removed."),
}
"""What just happened, by the word after ``done=``. Anything else there shows nothing."""

WRONG_AT_SET_UP = gettext_lazy(
    "That code didn't match. Check that you scanned the newest QR code, that your phone sets its "
    "time automatically, and enter the code that is showing now."
)
WRONG_CODE = gettext_lazy("That code didn't work. Enter the code that is showing in your app now.")
LATE_CODE = gettext_lazy(
    "Your code looks out of date. Set your phone's time to automatic and try again."
)
USED_CODE = gettext_lazy("That code was already used. Wait for the next one.")
WRONG_RECOVERY_CODE = gettext_lazy("That recovery code didn't work. Each one works only once.")
REMOVES_ONE = gettext_lazy(
    "Its codes stop working at once. Every session is asked for a code again."
)
REMOVES_LAST = gettext_lazy(
    "This is your last authenticator: two-step verification is off after this, and your recovery "
    "codes stop working."
)
WRONG_PASSWORD = gettext_lazy("That email and password don't match an account.")


FIXABLE = (FactorNameTaken, ValidationFailed)
"""What a person can mend in the form at hand."""


def notice(word: str | None) -> Any:
    return NOTICES.get(word or "", "")


def locked(error: TooManyAttempts, *, recovery_helps: bool = False) -> str:
    """How long to wait, in minutes from 1; or what helps where waiting does not."""
    if error.disabled and recovery_helps:
        return _("Too many wrong codes. Use a recovery code: it brings your authenticator back.")
    if error.disabled:
        return _("Too many wrong codes. Ask the people who run this service to let you in.")
    minutes = max(1, ceil((error.retry_after or 60) / 60))
    if recovery_helps:
        text = ngettext(
            "Too many attempts. Try again in %(n)d minute, or use a recovery code.",
            "Too many attempts. Try again in %(n)d minutes, or use a recovery code.",
            minutes,
        )
    else:
        text = ngettext(
            "Too many attempts. Try again in %(n)d minute.",
            "Too many attempts. Try again in %(n)d minutes.",
            minutes,
        )
    return text % {"n": minutes}


def heading(error: DomainError) -> str:
    """The heading of a page that shows an error and nothing else."""
    if isinstance(error, FactorNotFound):
        return _("There is no such authenticator")
    if isinstance(error, NotFound):
        return _("There is no page at this address")
    if isinstance(error, AccountBanned):
        return _("This account is closed")
    if isinstance(error, Unavailable):
        return _("Busy just now")
    if isinstance(error, TooManyAttempts):
        return _("Too many attempts")
    return _("That did not work")


def sentence(error: DomainError) -> str:
    """One sentence for a person."""
    if isinstance(error, TooManyAttempts):
        return locked(error)
    if isinstance(error, WeakPassword):
        short = "length" in error.reasons
        return _("This password is too short.") if short else _("This password is easy to guess.")
    for kind, text in _SENTENCES.items():
        if isinstance(error, kind):
            return str(text)
    return _("Something went wrong. Go back and try again.")


_SENTENCES: dict[type[DomainError], Any] = {
    InvalidCredentials: WRONG_PASSWORD,
    AccountBanned: gettext_lazy("Ask the people who run this service."),
    AccountExists: gettext_lazy("There is an account with this address. Sign in instead."),
    SignupDisabled: gettext_lazy("New accounts are not open here at the moment."),
    ValidationFailed: gettext_lazy("Check what you typed and try again."),
    SamePassword: gettext_lazy("The new password is the same as the old one."),
    CurrentPasswordInvalid: gettext_lazy("That is not your current password."),
    FactorNameTaken: gettext_lazy("You have an authenticator with this name already."),
    FactorNotFound: gettext_lazy("It may have been removed meanwhile."),
    TooManyFactors: gettext_lazy("You have as many authenticators as fit. Remove one first."),
    NotFound: gettext_lazy("Check the address, or go back to where you came from."),
    Unavailable: gettext_lazy("Wait a moment and try again."),
}
