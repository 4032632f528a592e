"""Changing an address: the new one has to answer, and the present one has to agree."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.errors import DomainError, ValidationFailed
from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, Flow, Identity, MailToken
from lingauth.services import (
    events,
    flows,
    mail_letters,
    mail_limits,
    mail_tokens,
    new_account,
    outbox,
    turns,
    users,
)
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.mail_tokens import CHANGES, LINK_LIFE, Purpose
from lingauth.services.notices import Notice, send

JOB, AGAIN = "email_change", "email_change_again"


def start(
    *,
    me: SignedIn,
    email: object,
    client: ClientInfo,
    redirect_to: str = "",
    pkce: Pkce | None = None,
) -> Account:
    """Have the new address confirm, and the present one too where the backend asks for both.

    The caller has judged whether this session may. An address that somebody else has gets a letter
    that says so, and the answer is the same: it must not tell who has an account. Where addresses
    are confirmed by themselves the change is made at once, and a taken one is ``email_exists``.

    Raises ValidationFailed, DomainError ``email_exists`` and ``over_email_send_rate_limit``.
    """
    key = addresses.normalise(email)
    if key == me.account.email_key:
        return me.account
    if me.backend.auto_confirm:
        return _at_once(me, str(email), client)
    now = clock.now()
    mail_limits.claim(backend=me.backend, email_key=key, client=client, now=now)
    flow = None
    if pkce is not None:
        flow = flows.begin(
            backend=me.backend,
            provider="email",
            pkce=pkce,
            redirect_to=redirect_to,
            now=now,
            life=LINK_LIFE[Purpose.EMAIL_CHANGE_NEW],
        )
    with transaction.atomic(durable=True):
        me = turns.take(me)
        MailToken.objects.filter(account=me.account, purpose__in=CHANGES).delete()
        values = {"new_email": str(email), "email_change_sent_at": now}
        Account.objects.filter(pk=me.account.pk).update(**values)
        events.record_for(me, Kind.EMAIL_CHANGE_STARTED, client)
    me.account.new_email, me.account.email_change_sent_at = str(email), now
    outbox.put(
        backend=me.backend,
        kind=JOB,
        payload={
            "account": str(me.account.uuid),
            "email": str(email),
            "redirect_to": redirect_to,
            "flow": str(flow.pk) if flow else None,
            "client": asdict(client),
        },
    )
    return me.account


def again(*, backend: Backend, email: object, client: ClientInfo, redirect_to: str = "") -> None:
    """Send the letters of a change that waits for this new address once more. Whether one waits is
    not told. Raises ValidationFailed, DomainError ``over_email_send_rate_limit``."""
    key = addresses.normalise(email)
    mail_limits.claim(backend=backend, email_key=key, client=client, now=clock.now())
    payload = {"email": key, "redirect_to": redirect_to, "client": asdict(client)}
    outbox.put(backend=backend, kind=AGAIN, payload=payload)


def cancel(*, me: SignedIn) -> None:
    """Let a change that waits for its confirmations go."""
    with transaction.atomic(durable=True):
        me = turns.take(me)
        MailToken.objects.filter(account=me.account, purpose__in=CHANGES).delete()
        Account.objects.filter(pk=me.account.pk).update(new_email="")


@outbox.handler(JOB)
def answer(backend: Backend, payload: dict[str, Any]) -> None:
    """Write to both addresses."""
    rows = Account.objects.filter(backend=backend, uuid=UUID(payload["account"]))
    account = rows.select_related("user").first()
    # Else it was changed again meanwhile, or let go, or the account was.
    if account is not None and account.new_email == payload["email"]:
        _write(backend, account, payload)


@outbox.handler(AGAIN)
def answer_again(backend: Backend, payload: dict[str, Any]) -> None:
    """Write to both addresses of every change that waits for this one."""
    rows = MailToken.objects.filter(
        backend=backend, email_key=payload["email"], purpose=Purpose.EMAIL_CHANGE_NEW
    )
    for account in [row.account for row in rows.select_related("account__user")]:
        if awaited_key(account) == payload["email"]:
            _write(backend, account, payload)


def _write(backend: Backend, account: Account, payload: dict[str, Any]) -> None:
    """Ask those who have not agreed yet. To ask the others again would undo their consent."""
    account.backend = backend
    waiting = waits_for(account)
    key = addresses.normalise(account.new_email)
    other = Account.objects.filter(backend=backend, email_key=key).first()
    flow = Flow.objects.filter(pk=payload["flow"]).first() if payload.get("flow") else None
    client = ClientInfo(**payload["client"])
    letter = mail_letters.Letter(backend, account, client, payload["redirect_to"], flow)
    if Purpose.EMAIL_CHANGE_CURRENT in waiting:
        letter.send(Purpose.EMAIL_CHANGE_CURRENT)
    if other is not None:
        mail_letters.tell_taken(backend, other)
    elif Purpose.EMAIL_CHANGE_NEW in waiting:
        letter.send(Purpose.EMAIL_CHANGE_NEW, to=account.new_email)


def asks_both(account: Account) -> bool:
    """Whether the present address has a say: there is one, and it was confirmed."""
    both = account.backend.secure_email_change
    return both and account.has_address and account.email_confirmed_at is not None


def waits_for(account: Account) -> list[Purpose]:
    """Which of the addresses have yet to confirm the change that is under way. It is settled only
    with the account held."""
    rows = MailToken.objects.filter(account=account, purpose__in=CHANGES).exclude(used_at=None)
    said = set(rows.values_list("purpose", flat=True))
    asked = [Purpose.EMAIL_CHANGE_NEW]
    if asks_both(account):
        asked.append(Purpose.EMAIL_CHANGE_CURRENT)
    return [purpose for purpose in asked if purpose not in said]


def awaited_key(account: Account) -> str:
    """The address that a change waits for, in the form it is looked up by; empty if none does."""
    try:
        return addresses.normalise(account.new_email)
    except ValidationFailed:
        return ""


def apply(row: MailToken, client: ClientInfo, now: datetime) -> None:
    """Give the account its new address. For the transaction that spends the last token."""
    account, read = row.account, row.account.email_key
    account.refresh_from_db(
        fields=["email_key", "new_email", "user_metadata", "app_metadata", "is_anonymous"]
    )
    if not awaited_key(account) or account.email_key != read:
        raise DomainError("Email link is invalid or has expired", code="otp_expired", status=403)
    kind = Kind.ACCOUNT_CONVERTED if account.is_anonymous else Kind.EMAIL_CHANGED
    settle(account, account.new_email, now)
    mail_tokens.void(account)
    events.record(kind, backend_id=account.backend_id, client=client, account=account)


def settle(account: Account, email: str, now: datetime, *, proven: bool = True) -> None:
    """Write the confirmed address wherever an account has one.

    Raises DomainError ``email_exists``; the caller's transaction undoes all.
    """
    account.email, account.email_key = email, addresses.normalise(email)
    account.email_confirmed_at, account.new_email, account.updated_at = now, "", now
    account.is_anonymous, account.auto_confirmed = False, not proven
    account.user_metadata = account.user_metadata | new_account.subject_data(account)
    if not account.app_metadata.get("provider"):
        account.app_metadata = account.app_metadata | {"provider": "email", "providers": ["email"]}
    try:
        with transaction.atomic():
            account.save(
                update_fields=[
                    *("email", "email_key", "email_confirmed_at", "new_email", "updated_at"),
                    *("is_anonymous", "auto_confirmed", "user_metadata", "app_metadata"),
                ]
            )
    except IntegrityError:
        raise taken() from None
    users.set_email(account.user_id, email)
    identity = new_account.email_identity(account)
    Identity.objects.update_or_create(
        backend_id=account.backend_id,
        provider="email",
        subject=identity.subject,
        defaults={"account": account, "data": identity.data, "updated_at": now},
    )


def tell(account: Account, old: str) -> None:
    """The old address hears of it, once it is done."""
    if old:
        context = {"new_email": addresses.mask(account.email)}
        send(
            Notice.EMAIL_CHANGED, backend=account.backend, account=account, context=context, to=old
        )


def taken() -> DomainError:
    return DomainError(
        "A user with this email address has already been registered",
        code="email_exists",
        status=422,
    )


def _at_once(me: SignedIn, email: str, client: ClientInfo) -> Account:
    now, old = clock.now(), me.account.email
    with transaction.atomic(durable=True):
        me = turns.take(me)
        kind = Kind.ACCOUNT_CONVERTED if me.account.is_anonymous else Kind.EMAIL_CHANGED
        settle(me.account, email, now, proven=False)
        mail_tokens.void(me.account)
        events.record_for(me, kind, client)
    tell(me.account, old)
    return me.account
