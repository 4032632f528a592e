"""Mail that tells people what happened to their account. It informs; nothing waits for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import DatabaseError, transaction

from lingauth.conf import settings
from lingauth.core import clock
from lingauth.models import Account, Backend, Operator
from lingauth.services import mailing, outbox
from lingauth.services.context import Actor

log = logging.getLogger("lingauth.mail")

JOB = "notice"


class Notice(StrEnum):
    """The notices there are. Each is a template: the subject is its first line."""

    ACCOUNT_EXISTS = "account_exists"
    EMAIL_CHANGED = "email_changed"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    FACTOR_ENROLLED = "factor_enrolled"
    FACTOR_RENAMED = "factor_renamed"
    FACTOR_REMOVED = "factor_removed"
    FACTOR_LOCKED = "factor_locked"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODES_REMOVED = "recovery_codes_removed"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSWORD_CHANGED = "password_changed"
    SESSION_ENDED = "session_ended"
    MFA_NOT_REQUIRED = "mfa_not_required"


def send(
    notice: Notice,
    *,
    backend: Backend,
    account: Account,
    context: Mapping[str, Any] | None = None,
    to: str = "",
) -> bool:
    """Have one sent to the address that is stored now, or to ``to``, the one stored before.

    Call it after the commit. Trouble with storing it is logged, not raised: what it tells of has
    happened. Says whether it will be sent; an account without an address gets none.
    """
    address = to or account.email
    if not address:
        return False
    url = f"{settings.SITE_URL}/b/{backend.ref}/account"
    return _put(notice, backend, address, {"account_url": url, **(context or {})})


def tell_operators(notice: Notice, *, backend: Backend, by: Actor) -> bool:
    """Tell the backend's owners and admins, except for the one who did it, one mail each."""
    rows = Operator.objects.filter(backend=backend).exclude(role=Operator.Role.VIEWER)
    users = [row.user for row in rows.select_related("user") if str(row.user_id) != by.id]
    url = f"{settings.SITE_URL}/backends/{backend.ref}/authentication"
    values = {"by": by.label or by.kind, "console_url": url}
    stored = [_put(notice, backend, address_of(user), values) for user in users]
    return all(stored)


def address_of(user: Any) -> str:
    """Where a host user reads mail: their e-mail, or the name that is one."""
    field = getattr(type(user), "EMAIL_FIELD", "")
    return str(getattr(user, field, "") or user.get_username())


@outbox.handler(JOB)
def deliver(backend: Backend, payload: dict[str, Any]) -> None:
    """Write the mail. It tells when the thing happened, however late it is sent."""
    context = {**payload["context"], "at": datetime.fromisoformat(payload["at"])}
    mailing.write(payload["notice"], backend=backend, to=payload["to"], context=context)


def _put(notice: Notice, backend: Backend, to: str, context: Mapping[str, Any]) -> bool:
    payload = {
        "notice": notice.value,
        "to": to,
        "at": clock.now().isoformat(),
        "context": dict(context),
    }
    try:
        outbox.put(backend=backend, kind=JOB, payload=payload)
    except DatabaseError:
        if transaction.get_connection().in_atomic_block:
            raise  # the caller's transaction is broken, and has to know
        log.exception("A notice could not be stored", extra={"notice": notice.value})
        return False
    return True
