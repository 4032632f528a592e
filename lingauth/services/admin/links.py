"""Links for a backend's own mails: made here, sent by its servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.errors import AccountNotFound, EmailExists, ValidationFailed
from lingauth.models import Account, Backend, MailToken
from lingauth.services import grants, mail_letters, mail_tokens, new_account, redirects
from lingauth.services.admin import finding, making, values
from lingauth.services.admin.by import By
from lingauth.services.admin.values import Given
from lingauth.services.events import Kind
from lingauth.services.grants import Profile
from lingauth.services.mail_tokens import CHANGES, Purpose

TYPES = {
    "signup": Purpose.SIGNUP,
    "invite": Purpose.INVITE,
    "magiclink": Purpose.MAGICLINK,
    "recovery": Purpose.RECOVERY,
    "email_change_current": Purpose.EMAIL_CHANGE_CURRENT,
    "email_change_new": Purpose.EMAIL_CHANGE_NEW,
}
_NAMES = {purpose: name for name, purpose in TYPES.items()}
_MAKES = (Purpose.SIGNUP, Purpose.INVITE, Purpose.MAGICLINK)
_SENT_AT = {
    Purpose.SIGNUP: ("confirmation_sent_at",),
    Purpose.INVITE: ("confirmation_sent_at", "invited_at"),
    Purpose.MAGICLINK: ("recovery_sent_at",),
    Purpose.RECOVERY: ("recovery_sent_at",),
    Purpose.EMAIL_CHANGE_CURRENT: ("email_change_sent_at",),
    Purpose.EMAIL_CHANGE_NEW: ("email_change_sent_at",),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link and a code, for the only time. ``type`` is what it verifies as."""

    profile: Profile
    action_link: str
    code: str
    token: str
    type: str
    redirect_to: str


def generate(
    *,
    by: By,
    type: object,
    email: str | None,
    password: str | None = None,
    new_email: str | None = None,
    data: object = None,
    redirect_to: str | None = None,
) -> Link:
    """Make what a mail of that type would carry. The one made before for the same type is void.

    ``signup`` and ``invite`` make the account if there is none, and so does ``magiclink``, whose
    link is then a ``signup``. A password that somebody chose for an address before it was confirmed
    does not survive its confirmation; the one given here with ``signup`` comes with it. The change
    of an address waits for each link that the backend asks for.

    Raises ValidationFailed, WeakPassword, AccountNotFound; EmailExists for ``signup`` and
    ``invite`` to a confirmed address, and for a new address that is taken; NotAdmin for somebody
    who runs the site.
    """
    purpose = TYPES.get(type) if isinstance(type, str) else None
    if purpose is None:
        raise ValidationFailed(f"type is one of {', '.join(TYPES)}.")
    account = finding.by_email(backend=by.backend, email=email)
    new_account.merged({}, data)
    target = redirects.target(backend=by.backend, given=redirect_to)
    hashed = None
    if purpose is Purpose.SIGNUP:
        given, key = Given(password=password), addresses.normalise(email)
        hashed = values.hashed(given, backend=by.backend, email_key=key)
    if account is not None:
        _judge(by.backend, account, purpose, new_email)
        if account.email_confirmed_at is None and purpose not in CHANGES:
            hashed = hashed or make_password(None)
    elif purpose not in _MAKES:
        raise AccountNotFound
    else:
        purpose = Purpose.SIGNUP if purpose is Purpose.MAGICLINK else purpose
        made = making.make(
            by=by,
            kind=Kind.ACCOUNT_CREATED,
            email=str(email),
            hashed=hashed,
            user_metadata=new_account.merged({}, data),
        )
        account, hashed, data = made.account, None, None
    with transaction.atomic(durable=True):
        account = finding.take(backend=by.backend, account=account)
        _prepare(account, purpose, new_email, data)
        to = account.new_email if purpose is Purpose.EMAIL_CHANGE_NEW else account.email
        minted = mail_tokens.mint(account=account, purpose=purpose, email=to, password=hashed or "")
        by.record(Kind.LINK_GENERATED, account, type=_NAMES[purpose])
    return Link(
        profile=grants.profile(account),
        action_link=mail_letters.action_url(by.backend, minted, target),
        code=minted.code,
        token=minted.link,
        type=_NAMES[purpose],
        redirect_to=target,
    )


def _judge(backend: Backend, account: Account, purpose: Purpose, new_email: object) -> None:
    finding.must_not_be_staff(account)
    if purpose in (Purpose.SIGNUP, Purpose.INVITE) and account.email_confirmed_at is not None:
        raise EmailExists
    if purpose not in CHANGES:
        return
    if purpose is Purpose.EMAIL_CHANGE_CURRENT and not backend.secure_email_change:
        raise ValidationFailed("Enable secure email change to generate link for current email")
    other = finding.by_email(backend=backend, email=new_email)
    if other is not None:
        raise EmailExists


def _prepare(account: Account, purpose: Purpose, new_email: object, data: object) -> None:
    """Write down what the link is about. Consent to another new address than this one is void."""
    now = clock.now()
    columns: dict[str, Any] = dict.fromkeys((*_SENT_AT[purpose], "updated_at"), now)
    if purpose in CHANGES:
        if account.new_email != new_email:
            MailToken.objects.filter(account=account, purpose__in=CHANGES).delete()
        columns["new_email"] = new_email
    elif data is not None and purpose in _MAKES and account.email_confirmed_at is None:
        columns["user_metadata"] = new_account.merged(account.user_metadata, data)
    Account.objects.filter(pk=account.pk).update(**columns)
    for name, value in columns.items():
        setattr(account, name, value)
