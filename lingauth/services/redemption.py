"""Redeeming what was mailed: a code, or a link. Each works once, and for what it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lingauth.core import clock, guesses
from lingauth.core import email as addresses
from lingauth.core.assurance import Method
from lingauth.core.errors import AccountBanned, DomainError, TooManyAttempts, ValidationFailed
from lingauth.models import Account, Backend, Flow, MailToken
from lingauth.services import (
    access,
    confirmation,
    email_change,
    events,
    flows,
    limits,
    mail_tokens,
    signin,
)
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import CHANGES, Purpose

TYPES: dict[str, tuple[Purpose, ...]] = {
    "signup": (Purpose.SIGNUP,),
    "invite": (Purpose.INVITE,),
    "magiclink": (Purpose.MAGICLINK, Purpose.SIGNUP),
    "recovery": (Purpose.RECOVERY,),
    "email_change": CHANGES,
    "email": (Purpose.SIGNUP, Purpose.MAGICLINK, Purpose.INVITE),
}
"""What each of the contract's words may stand for. ``email``: whichever is pending."""

_METHODS = {
    Purpose.SIGNUP: Method.SIGNUP,
    Purpose.INVITE: Method.INVITE,
    Purpose.MAGICLINK: Method.MAGICLINK,
    Purpose.RECOVERY: Method.RECOVERY,
}

HALF_WAY = "Confirmation link accepted. Please proceed to confirm link sent to the other email"


@dataclass(frozen=True, slots=True)
class CodeIssued:
    """A flow got its code: the app trades it for the session."""

    flow: Flow
    code: str


@dataclass(frozen=True, slots=True)
class HalfChanged:
    """One of the two addresses of a change has confirmed it."""

    account: Account
    message: str = HALF_WAY


def with_code(
    *, backend: Backend, type: object, email: object, code: object, client: ClientInfo
) -> Grant | HalfChanged:
    """Redeem the code that was mailed to the address.

    Raises DomainError ``otp_expired`` for every reason there is, the same for an address that
    nobody has; TooManyAttempts; AccountBanned to somebody who has the right code.
    """
    purposes = _purposes(type)
    key = addresses.normalise(email)
    if not isinstance(code, str) or not code:
        raise ValidationFailed("Verify requires either a token or a token hash")
    now = clock.now()
    try:
        row = mail_tokens.by_code(backend=backend, email_key=key, purposes=purposes, code=code)
    except TooManyAttempts:
        _refused(backend, None, client, "locked")
        raise
    if row is None or not _still_right(row):
        _refused(backend, row.account if row else None, client, "wrong_code")
        raise expired(by_code=True)
    outcome = _redeem(backend, row, client, now, by_code=True, for_flow=None)
    assert not isinstance(outcome, CodeIssued)
    return outcome


def with_link(
    *, backend: Backend, type: object, token: object, client: ClientInfo, to_session: bool = False
) -> Grant | CodeIssued | HalfChanged:
    """Redeem a link. One that an app's flow asked for leads to that flow's code, unless
    ``to_session``: an app that was handed the link itself trades it directly.

    Raises DomainError ``otp_expired``; AccountBanned.
    """
    purposes = _purposes(type)
    row = peek(backend=backend, token=token)
    if row is None or row.purpose not in purposes:
        _refused(backend, None, client, "unknown_link")
        raise expired(by_code=False)
    flow = None if to_session else row.flow
    return _redeem(backend, row, client, clock.now(), by_code=False, for_flow=flow)


def peek(*, backend: Backend, token: object) -> MailToken | None:
    """The token of a link that would work now. Looking spends nothing."""
    row = mail_tokens.by_link(backend=backend, link=token)
    if row is None or not _still_right(row):
        return None
    row.account.backend = backend
    return row


def expired(*, by_code: bool) -> DomainError:
    """The one answer for what is wrong, used, old, or never was."""
    words = "Token has expired or is invalid" if by_code else (
        "Email link is invalid or has expired"
    )  # fmt: skip
    return DomainError(words, code="otp_expired", status=403)


def _redeem(
    backend: Backend,
    row: MailToken,
    client: ClientInfo,
    now: datetime,
    *,
    by_code: bool,
    for_flow: Flow | None,
) -> Grant | CodeIssued | HalfChanged:
    account, purpose = row.account, Purpose(row.purpose)
    account.backend = backend
    if access.is_barred(account, now):
        raise AccountBanned
    if purpose in CHANGES:
        return _change(backend, row, client, now, by_code=by_code, for_flow=for_flow)

    def first() -> None:
        _spend(row, now, by_code=by_code)
        confirmation.confirm(row, client, now)

    if for_flow is not None:
        with transaction.atomic(durable=True):
            first()
            code = flows.issue_code(flow=for_flow, account=account, method=_METHODS[purpose])
        return CodeIssued(for_flow, code)
    return signin.start(backend, account, method=Method.OTP, client=client, now=now, first=first)


def _change(
    backend: Backend,
    row: MailToken,
    client: ClientInfo,
    now: datetime,
    *,
    by_code: bool,
    for_flow: Flow | None,
) -> Grant | CodeIssued | HalfChanged:
    """One address's consent; with the last one the account has its new address."""
    account, old = row.account, row.account.email
    issued: CodeIssued | None = None
    with transaction.atomic(durable=True):
        _spend(row, now, by_code=by_code)
        done = not email_change.waits_for(account)
        if done:
            email_change.apply(row, client, now)
            if for_flow is not None:
                method = Method.EMAIL_CHANGE
                code = flows.issue_code(flow=for_flow, account=account, method=method)
                issued = CodeIssued(for_flow, code)
    if not done:
        return HalfChanged(account)
    email_change.tell(account, old)
    return issued or signin.start(backend, account, method=Method.OTP, client=client, now=now)


def _spend(row: MailToken, now: datetime, *, by_code: bool) -> None:
    """Take the account's turn and the token's one use; the address's guesses begin again."""
    Account.objects.hold(row.account_id)
    if not MailToken.objects.consume(row.pk, now=now):
        raise expired(by_code=by_code)
    limits.forgive(guesses.MAIL_CODE, subject=row.email_key, backend=row.account.backend, now=now)


def _still_right(row: MailToken) -> bool:
    """The address it was mailed to is still the one it is about."""
    if row.purpose == Purpose.EMAIL_CHANGE_NEW:
        return email_change.awaited_key(row.account) == row.email_key
    return row.account.email_key == row.email_key


def _purposes(type: object) -> tuple[Purpose, ...]:
    if type in ("sms", "phone_change"):
        raise DomainError("Phone logins are disabled", code="phone_provider_disabled")
    if not isinstance(type, str) or type not in TYPES:
        raise ValidationFailed("Verify requires a verification type")
    return TYPES[type]


def _refused(backend: Backend, account: Account | None, client: ClientInfo, reason: str) -> None:
    events.record(
        Kind.MAIL_CODE_REFUSED,
        backend_id=backend.pk,
        client=client,
        account=account,
        result="refused",
        data={"reason": reason},
    )
