"""Accounts: signing up, and changing one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from lingauth.core import clock
from lingauth.core import email as addresses
from lingauth.core.assurance import Method
from lingauth.core.errors import AccountExists, SignupDisabled
from lingauth.core.pkce import Pkce
from lingauth.models import Account, Backend, Identity, Session
from lingauth.services import (
    email_change,
    events,
    mail_asks,
    mail_limits,
    mail_tokens,
    new_account,
    new_password,
    outbox,
    passwords,
    reauthentication,
    signin,
    turns,
)
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Purpose
from lingauth.services.notices import Notice, send


@dataclass(frozen=True, slots=True)
class PendingConfirmation:
    """A sign-up that waits for its mail. ``account`` is not saved where the address was taken:
    the answer must not tell the two apart."""

    account: Account
    identities: tuple[Identity, ...]


def sign_up(
    *,
    backend: Backend,
    email: object,
    password: object,
    data: object = None,
    client: ClientInfo,
    redirect_to: str = "",
    pkce: Pkce | None = None,
) -> Grant | PendingConfirmation:
    """Make an account. With auto-confirm it is signed in at once, else a mail is sent.

    The work is the same for an address that is taken, whose password is never replaced from here:
    it is tried, and its mail left to be written in the same commit. Where another sign-up waits for
    its confirmation with another password, neither password survives that.

    Raises SignupDisabled, ValidationFailed, WeakPassword, DomainError
    ``over_email_send_rate_limit``; AccountExists only with auto-confirm, where the answer could not
    hide it anyway.
    """
    if not backend.signup_enabled:
        raise SignupDisabled
    key = addresses.normalise(email)
    text = passwords.normalise(password)
    metadata = new_account.merged({}, data)
    passwords.check_strength(text, backend=backend, email=key)
    hashed = passwords.hashed(text)
    if backend.auto_confirm:
        made = _try(backend, str(email), hashed, metadata, client)
        if made is None:
            raise AccountExists
        account, identity = made
        return signin.start(
            backend,
            account,
            method=Method.PASSWORD,
            client=client,
            now=clock.now(),
            identities=[identity],
        )
    mail_limits.claim(backend=backend, email_key=key, client=client, now=clock.now())
    agrees = passwords.matches(mail_asks.waiting_user(backend, key), text)
    with transaction.atomic(durable=True):
        made = _try(backend, str(email), hashed, metadata, client)
        mail_asks.queue(
            backend=backend,
            purpose=Purpose.SIGNUP,
            email=str(email),
            client=client,
            redirect_to=redirect_to,
            pkce=pkce,
            signed_up=str(made[0].uuid) if made else "",
            agrees=agrees,
        )
    outbox.deliver()
    if made is None:
        account = new_account.draft(backend, str(email), metadata, confirmed=False)
        made = account, new_account.email_identity(account)
    account, identity = made
    return PendingConfirmation(account, (identity,))


def update(
    *,
    me: SignedIn,
    email: object = None,
    password: object = None,
    current_password: object = None,
    nonce: object = None,
    data: object = None,
    client: ClientInfo,
    redirect_to: str = "",
    pkce: Pkce | None = None,
) -> Account:
    """Change one's own address, password or metadata.

    A new password ends every other session and voids what was mailed; a new address waits for its
    confirmation. For either, an account with a factor needs fresh ``aal2``; one without needs its
    current password, a mailed nonce, or to have signed in within ten minutes.

    Raises InsufficientLevel (401, the clients' status here), ReauthenticationNeeded,
    CurrentPasswordInvalid, SamePassword, WeakPassword, ValidationFailed, TooManyAttempts, and what
    ``email_change.start`` does.
    """
    new_account.merged(
        me.account.user_metadata, data
    )  # refused before any hashing, if it has to be
    moves = email is not None and addresses.normalise(email) != me.account.email_key
    proven = password is not None or moves
    proof = (
        new_password.prove(me, current_password, nonce, client) if proven else new_password.Proof()
    )
    hashed = new_password.judged(me, password) if password is not None else None
    if data is not None or hashed is not None:
        me = _write(me, data, hashed, proof, client)
    if moves:
        if hashed is None and proof.nonce is not None:
            reauthentication.spend(proof.nonce)
        return email_change.start(
            me=me, email=email, client=client, redirect_to=redirect_to, pkce=pkce
        )
    return me.account


def _write(
    me: SignedIn,
    data: object,
    hashed: str | None,
    proof: new_password.Proof,
    client: ClientInfo,
) -> SignedIn:
    now = clock.now()
    values: dict[str, Any] = {"updated_at": now}
    with transaction.atomic(durable=True):
        me = turns.take(me)
        if data is not None:
            values["user_metadata"] = new_account.merged(me.account.user_metadata, data)
        if hashed is not None:
            new_password.must_be_proven(me, now)
            if proof.nonce is not None:
                reauthentication.spend(proof.nonce)
            values["password_changed_at"] = now
        Account.objects.filter(pk=me.account.pk).update(**values)
        if hashed is not None:
            get_user_model()._default_manager.filter(pk=me.account.user_id).update(password=hashed)
            others = Session.objects.filter(account=me.account).exclude(pk=me.session.pk)
            others.end(now=now, reason="password_changed")
            mail_tokens.void(me.account)
            events.record_for(me, Kind.PASSWORD_CHANGED, client)
    for name, value in values.items():
        setattr(me.account, name, value)
    if hashed is not None:
        send(Notice.PASSWORD_CHANGED, backend=me.backend, account=me.account)
    return me


def _try(
    backend: Backend, email: str, hashed: str, metadata: dict[str, Any], client: ClientInfo
) -> tuple[Account, Identity] | None:
    """The new account, or None if the address is taken."""
    try:
        return new_account.create(
            backend=backend,
            email=email,
            password=hashed,
            metadata=metadata,
            client=client,
            confirmed=backend.auto_confirm,
        )
    except IntegrityError:
        # The address, or a rule of the host's own user model: it knows this person.
        return None
