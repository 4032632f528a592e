"""A code by mail for somebody who is signed in, to show that they still are who they were."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from lingauth.core import clock, guesses
from lingauth.core.errors import DomainError, TooManyAttempts, ValidationFailed
from lingauth.models import Account, Backend, MailToken
from lingauth.services import events, limits, mail_letters, mail_limits, mail_tokens, outbox
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.mail_tokens import Purpose

JOB = "reauthentication"


def ask(*, me: SignedIn, client: ClientInfo) -> None:
    """Mail a nonce for the next change of password or address.

    Raises ValidationFailed without an address, DomainError ``email_not_confirmed`` 422 and
    ``over_email_send_rate_limit``.
    """
    if not me.account.has_address:
        raise ValidationFailed(
            "Reauthentication requires the user to have an email or a phone number"
        )
    if me.account.email_confirmed_at is None:
        raise DomainError("Email not confirmed", code="email_not_confirmed", status=422)
    mail_limits.claim(
        backend=me.backend, email_key=me.account.email_key, client=client, now=clock.now()
    )
    payload = {"account": str(me.account.uuid), "client": asdict(client)}
    outbox.put(backend=me.backend, kind=JOB, payload=payload)


@outbox.handler(JOB)
def answer(backend: Backend, payload: dict[str, Any]) -> None:
    """Write to the account's address."""
    account = Account.objects.filter(backend=backend, uuid=UUID(payload["account"])).first()
    if account is None:  # deleted meanwhile
        return
    account.backend = backend
    letter = mail_letters.Letter(backend, account, ClientInfo(**payload["client"]))
    letter.send(Purpose.REAUTHENTICATION)


def matching(*, me: SignedIn, nonce: object, client: ClientInfo) -> MailToken:
    """The token that was mailed with this nonce, still to be spent by ``spend``.

    Raises DomainError ``reauthentication_not_valid``, TooManyAttempts.
    """
    try:
        row = mail_tokens.by_code(
            backend=me.backend,
            email_key=me.account.email_key,
            purposes=(Purpose.REAUTHENTICATION,),
            code=nonce,
            account=me.account,
        )
    except TooManyAttempts:
        events.record_for(me, Kind.MAIL_CODE_REFUSED, client, reason="locked")
        raise
    if row is None or row.account_id != me.account.pk:
        events.record_for(me, Kind.MAIL_CODE_REFUSED, client, reason="wrong_nonce")
        raise _not_valid()
    row.account.backend = me.backend
    return row


def spend(row: MailToken) -> None:
    """Use it up, in the transaction of the change. Raises DomainError if another did."""
    now = clock.now()
    if not MailToken.objects.consume(row.pk, now=now):
        raise _not_valid()
    limits.forgive(guesses.MAIL_CODE, subject=row.email_key, backend=row.account.backend, now=now)


def _not_valid() -> DomainError:
    return DomainError(
        "Nonce has expired or is invalid", code="reauthentication_not_valid", status=422
    )
