"""Asking for a mail. Nobody learns from the answer whether there is an account.

A request does the same for every address: it pays for the mail, writes down the app's flow, and
leaves a job. Whether anybody has that address is looked up by whoever does the job.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, Flow
from lingauth.services import access, flows, mail_letters, mail_limits, new_account, outbox
from lingauth.services.context import ClientInfo
from lingauth.services.mail_tokens import LINK_LIFE, Purpose

JOB = "ask"


def ask(
    *,
    backend: Backend,
    purpose: Purpose,
    email: object,
    client: ClientInfo,
    redirect_to: str = "",
    pkce: Pkce | None = None,
    data: object = None,
    create_user: bool = True,
) -> None:
    """Have a mail sent to the address, if that is right to do.

    ``magiclink`` signs in, or up where ``create_user`` and the backend allow it; ``recovery`` is
    for a forgotten password; ``signup`` confirms an address.

    Raises ValidationFailed for what is no address, and DomainError ``over_email_send_rate_limit``.
    """
    key = addresses.normalise(email)
    metadata = new_account.merged({}, data)
    mail_limits.claim(backend=backend, email_key=key, client=client, now=clock.now())
    queue(
        backend=backend,
        purpose=purpose,
        email=str(email),
        client=client,
        redirect_to=redirect_to,
        pkce=pkce,
        data=metadata,
        create_user=create_user,
    )
    outbox.deliver()


def queue(
    *,
    backend: Backend,
    purpose: Purpose,
    email: str,
    client: ClientInfo,
    redirect_to: str,
    pkce: Pkce | None,
    **more: Any,
) -> None:
    """Leave the job, for a mail that was paid for; the caller commits, and has it delivered.

    After a sign-up, ``signed_up`` is the uuid its account has, empty if the address was taken, and
    ``agrees`` whether it chose the password of the sign-up that waits there.
    """
    flow = None
    if pkce is not None:
        confirms = purpose is Purpose.MAGICLINK  # which it does if that is what is needed first
        flow = flows.begin(
            backend=backend,
            provider="email",
            pkce=pkce,
            redirect_to=redirect_to,
            now=clock.now(),
            life=LINK_LIFE[Purpose.SIGNUP if confirms else purpose],
        )
    payload = {
        "purpose": purpose.value,
        "email": email,
        "redirect_to": redirect_to,
        "flow": str(flow.pk) if flow else None,
        "client": asdict(client),
    }
    outbox.store(backend=backend, kind=JOB, payload=payload | more)


@outbox.handler(JOB)
def answer(backend: Backend, payload: dict[str, Any]) -> None:
    """Find out who has the address, and write what is right to whoever that is."""
    key = addresses.normalise(payload["email"])
    client = ClientInfo(**payload["client"])
    account = _find(backend, key)
    purpose = Purpose(payload["purpose"])
    if account is None and purpose is Purpose.MAGICLINK and payload.get("create_user"):
        account = _make(backend, payload, key, client)
    if account is None or access.is_barred(account, clock.now()):
        return
    flow = Flow.objects.filter(pk=payload["flow"]).first() if payload["flow"] else None
    letter = mail_letters.Letter(backend, account, client, payload["redirect_to"], flow)
    confirmed = account.email_confirmed_at is not None
    match purpose:
        case Purpose.RECOVERY | Purpose.MAGICLINK if confirmed:
            letter.send(purpose)
        case Purpose.RECOVERY:
            letter.send(purpose, password=_nobodys(account))
        case Purpose.MAGICLINK:
            letter.send(Purpose.SIGNUP, password=_nobodys(account))
        case Purpose.SIGNUP if not confirmed and "signed_up" not in payload:
            letter.send(purpose, password=None)  # once more, what the mail before was to confirm
        case Purpose.SIGNUP if not confirmed:
            own = payload["signed_up"] == str(account.uuid) or payload["agrees"]
            letter.send(purpose, password="" if own else _nobodys(account))
        case Purpose.SIGNUP if "signed_up" in payload:
            mail_letters.tell_taken(backend, account)


def waiting_user(backend: Backend, key: str) -> Any:
    """The host user of a sign-up that waits for its confirmation, or None."""
    account = _find(backend, key)
    return account.user if account is not None and account.email_confirmed_at is None else None


def _nobodys(account: Account) -> str:
    """The hash of no password, which the account has from now on.

    Two people may claim this address, and neither has shown that it is theirs. The one who does
    gets the account without a password that the other may know, and sets one.
    """
    nothing = make_password(None)
    users = get_user_model()._default_manager
    with transaction.atomic(durable=True):
        Account.objects.hold(account.pk)
        # Asked again with the account held: it may have been confirmed a moment ago.
        if Account.objects.filter(pk=account.pk, email_confirmed_at=None).exists():
            users.filter(pk=account.user_id).update(password=nothing)
    return nothing


def _find(backend: Backend, key: str) -> Account | None:
    rows = Account.objects.filter(backend=backend, email_key=key)
    account = rows.select_related("user").first()
    if account is not None:
        account.backend = backend
    return account


def _make(
    backend: Backend, payload: dict[str, Any], key: str, client: ClientInfo
) -> Account | None:
    """An account without a password, for an address that nobody has yet."""
    if not backend.signup_enabled:
        return None
    try:
        account, _ = new_account.create(
            backend=backend,
            email=payload["email"],
            password=None,
            metadata=payload["data"],
            client=client,
        )
    except IntegrityError:  # signed up at the same moment
        return _find(backend, key)
    return account
