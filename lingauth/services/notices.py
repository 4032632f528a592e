"""Mail that tells people what happened to their account. It informs; nothing waits for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.core.mail import send_mail
from django.template.loader import render_to_string

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.models import Account, Backend, Operator
from lingauth.services.context import Actor

log = logging.getLogger("lingauth.mail")


class Notice(StrEnum):
    """The mails there are. Each is a template: the subject is its first line."""

    CONFIRM_EMAIL = "confirm_email"
    FACTOR_ENROLLED = "factor_enrolled"
    FACTOR_REMOVED = "factor_removed"
    FACTOR_LOCKED = "factor_locked"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSWORD_CHANGED = "password_changed"
    SESSION_ENDED = "session_ended"
    MFA_NOT_REQUIRED = "mfa_not_required"


def send(
    notice: Notice, *, backend: Backend, account: Account, context: Mapping[str, Any] | None = None
) -> bool:
    """Send one, to the stored address. A mail server's trouble is logged, not raised.

    Call it after the commit. Says whether the mail was handed over.
    """
    url = f"{settings.SITE_URL}/b/{backend.ref}/account"
    values = {"account": account, "account_url": url, **(context or {})}
    return _mail(notice, backend, [account.email], values)


def tell_operators(notice: Notice, *, backend: Backend, by: Actor) -> bool:
    """Tell the backend's owners and admins, except for the one who did it, one mail each."""
    rows = Operator.objects.filter(backend=backend).exclude(role=Operator.Role.VIEWER)
    users = [row.user for row in rows.select_related("user") if str(row.user_id) != by.id]
    url = f"{settings.SITE_URL}/backends/{backend.ref}/authentication"
    values = {"by": by.label or by.kind, "console_url": url}
    sent = [_mail(notice, backend, [address_of(user)], values) for user in users]
    return all(sent)


def address_of(user: Any) -> str:
    """Where a host user reads mail: their e-mail, or the name that is one."""
    field = getattr(type(user), "EMAIL_FIELD", "")
    return str(getattr(user, field, "") or user.get_username())


def _mail(
    notice: Notice, backend: Backend, recipients: list[str], values: Mapping[str, Any]
) -> bool:
    shared = {"backend": backend, "at": clock.now()}
    text = render_to_string(f"lingauth/mail/{notice.value}.txt", shared | dict(values))
    subject, _, body = text.strip().partition("\n")
    try:
        send_mail(subject.strip(), body.strip() + "\n", None, recipients)
    except OSError:  # every way in which SMTP and the network fail
        log.exception("A notice could not be sent", extra={"notice": notice.value})
        return False
    return True
