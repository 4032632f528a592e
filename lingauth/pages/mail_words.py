"""What the pages say around mails: on their way, opened, too old."""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lingauth.core.errors import AccountBanned, DomainError
from lingauth.pages import words
from lingauth.services.mail_tokens import Purpose


class Said(NamedTuple):
    """What a link does, before it does it. ``action`` is on the button."""

    heading: Any
    lead: Any
    action: Any


LINKS = {
    Purpose.SIGNUP: Said(
        gettext_lazy("Confirm your address"),
        gettext_lazy("That confirms %(email)s and signs you in to %(name)s."),
        gettext_lazy("Confirm my address"),
    ),
    Purpose.MAGICLINK: Said(
        gettext_lazy("Sign in to %(name)s"),
        gettext_lazy("You sign in as %(email)s."),
        gettext_lazy("Sign in"),
    ),
    Purpose.RECOVERY: Said(
        gettext_lazy("Choose a new password"),
        gettext_lazy("For %(email)s at %(name)s. You choose it on the next page."),
        gettext_lazy("Continue"),
    ),
    Purpose.INVITE: Said(
        gettext_lazy("Join %(name)s"),
        gettext_lazy("You were invited as %(email)s."),
        gettext_lazy("Accept the invitation"),
    ),
    Purpose.EMAIL_CHANGE_NEW: Said(
        gettext_lazy("Confirm your new address"),
        gettext_lazy("%(email)s becomes the address of your account at %(name)s."),
        gettext_lazy("Confirm this address"),
    ),
    Purpose.EMAIL_CHANGE_CURRENT: Said(
        gettext_lazy("Agree to your new address"),
        gettext_lazy(
            "Your account at %(name)s gets the address %(new_email)s in place of %(email)s. If you "
            "did not ask for that, close this page and change your password."
        ),
        gettext_lazy("Agree to the change"),
    ),
}

_IF_ANY = gettext_lazy(
    "If there is an account for %(email)s, it gets a mail with a code and a link. Use either."
)
ON_ITS_WAY = {
    Purpose.SIGNUP: gettext_lazy(
        "We sent a code and a link to %(email)s. Either confirms your address and signs you in."
    ),
    Purpose.MAGICLINK: _IF_ANY,
    Purpose.RECOVERY: _IF_ANY,
}

WRONG_CODE = gettext_lazy(
    "That code didn't work. Enter the code of the newest mail; it works for ten minutes."
)
"""Also for a code that was used, or is of another address: which it is helps only guessers."""

OPEN_AGAIN = gettext_lazy(
    "This page belongs to a link in a mail. Open the link from the mail again, in this browser."
)
TAKEN = gettext_lazy("There is an account with this address already.")
BOTH_CONFIRM = gettext_lazy(
    "We mail a code and a link to the new address and to %(email)s. It changes once both confirmed."
)
NEW_CONFIRMS = gettext_lazy(
    "We mail a code and a link to the new address. It changes once you used either."
)
HALF_CHANGED = gettext_lazy(
    "This address agrees. Your account has its new address as soon as the other one agrees too: "
    "its mail has a link like this one."
)


def wrong_code(error: DomainError) -> Any:
    """What to say at the field. Raises the error again if it is about something else."""
    if error.code != "otp_expired":
        raise error
    return WRONG_CODE


def until_next_mail(seconds: int) -> str:
    """When another mail can be had: in seconds up to two minutes, then in minutes."""
    if seconds <= 120:
        text = ngettext(
            "You can have another mail in %(n)d second.",
            "You can have another mail in %(n)d seconds.",
            seconds,
        )
        return text % {"n": seconds}
    minutes = ceil(seconds / 60)
    text = ngettext(
        "You can have another mail in %(n)d minute.",
        "You can have another mail in %(n)d minutes.",
        minutes,
    )
    return text % {"n": minutes}


class Dead(NamedTuple):
    """A link that no longer works: what is wrong, and the page that helps."""

    heading: str
    line: str
    page: str
    link_text: str


def dead_link(type: str, error: DomainError, *, signed_in: bool) -> Dead:
    """By what the link says of itself, which decides nothing but these words."""
    if isinstance(error, AccountBanned):
        start = _("Back to the start")
        return Dead(words.heading(error), words.sentence(error), "home", start)
    spent = _("It was used already, or it is too old.")
    account = (_("You are signed in."), "account", _("Your account"))
    sign_in = (_("Sign in to get a new one."), "sign_in", _("Sign in"))
    help_, name, text = {
        "recovery": (_("Ask for a new one."), "forgot", _("Send a new link")),
        "invite": (_("Ask whoever invited you for another."), "sign_in", _("Sign in")),
        "email_change": (_("Look at your account."), "account", _("Your account")),
    }.get(type, account if signed_in else sign_in)
    return Dead(_("This link no longer works"), f"{spent} {help_}", name, text)
