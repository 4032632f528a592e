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
from lingauth.models import Account, Backend

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


def send(
    notice: Notice, *, backend: Backend, account: Account, context: Mapping[str, Any] | None = None
) -> bool:
    """Send one, to the stored address. A mail server's trouble is logged, not raised.

    Call it after the commit. Says whether the mail was handed over.
    """
    values = {
        "backend": backend,
        "account": account,
        "at": clock.now(),
        "account_url": f"{settings.SITE_URL}/b/{backend.ref}/account",
        **(context or {}),
    }
    text = render_to_string(f"lingauth/mail/{notice.value}.txt", values)
    subject, _, body = text.strip().partition("\n")
    try:
        send_mail(subject.strip(), body.strip() + "\n", None, [account.email])
    except OSError:  # every way in which SMTP and the network fail
        log.exception("A notice could not be sent", extra={"notice": notice.value})
        return False
    return True
