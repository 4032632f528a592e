"""Signing in with a first factor. Every way in ends in ``start``, and so at ``aal1``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from lingauth.core import clock, guesses
from lingauth.core import email as addresses
from lingauth.core.assurance import Method
from lingauth.core.errors import (
    AccountBanned,
    DomainError,
    EmailNotConfirmed,
    InvalidCredentials,
    TooManyAttempts,
    ValidationFailed,
)
from lingauth.models import (
    Account,
    Backend,
    Event,
    Identity,
    RateLimit,
    Session,
    TotpFactor,
)
from lingauth.models.session import life
from lingauth.services import access, at_once, events, limits, passwords, rates
from lingauth.services.access import Access
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.grants import Grant, grant
from lingauth.services.limits import Guess


def with_password(
    *,
    read: Callable[[str], Access],
    email: object,
    password: object,
    client: ClientInfo,
) -> Grant:
    """Sign in by address and password. ``read`` is given the address's key and reads the account.

    Raises InvalidCredentials, the same for an unknown address and a wrong password;
    TooManyAttempts while the address is locked, known or not, or too many wrong passwords came from
    the client's network, and then for a right one too; EmailNotConfirmed and AccountBanned
    only to somebody who has the password.
    """
    if not isinstance(email, str) or not email:
        raise ValidationFailed("missing email or phone")
    key = addresses.normalise(email)
    text = passwords.normalise(password)
    found = read(key)
    now = clock.now()
    backend, account = found.backend, found.account
    user = account.user if account else None
    rate = rates.wrong_passwords(backend, client)
    try:
        with passwords.turn():
            guess = limits.claim(
                guesses.PASSWORD,
                subject=key,
                backend=backend,
                account=account,
                now=now,
                unless=rate,
            )
            olds = backend.old_hashes
            right = passwords.matches(user, text, given=password, old_hashes=olds)
            if rate and not right:
                RateLimit.objects.claim(rate, backend_id=backend.pk, now=now)
    except TooManyAttempts as error:
        _failed(backend, account, client, "network_limit" if error.of_network else "locked")
        raise
    if not right or account is None:
        _failed(backend, account, client, "wrong_password" if account else "unknown_address")
        raise InvalidCredentials
    if refusal := _refusal(account, now):
        guess.release(now)
        _failed(backend, account, client, refusal.code)
        raise refusal
    granted = start(
        backend,
        account,
        method=Method.PASSWORD,
        client=client,
        now=now,
        guess=guess,
        factors=found.factors,
        identities=found.identities,
    )
    return replace(granted, weakness=passwords.weakness(text, backend=backend, email=key))


def start(
    backend: Backend,
    account: Account,
    *,
    method: Method,
    client: ClientInfo,
    now: datetime,
    guess: Guess | None = None,
    factors: Sequence[TotpFactor] | None = None,
    identities: Sequence[Identity] | None = None,
    first: Callable[[], None] | None = None,
    session: Session | None = None,
) -> Grant:
    """Begin a session at ``aal1`` and write it down.

    ``first`` spends the proof, in the same transaction: if it raises, nothing has happened.
    ``session`` is one of ``new_session``, for callers that need to know it before.

    Raises InvalidCredentials if the account's password was changed since the account was read: the
    change ended every session there was, and this one would have slipped through.
    """
    session = session or new_session(backend, account, method=method, client=client, now=now)
    event = events.draft(
        Kind.SIGNED_IN,
        backend_id=backend.pk,
        client=client,
        account=account,
        session_id=session.pk,
        data={"method": method.value},
    )
    is_plain = first is None and not backend.single_session
    if not (is_plain and at_once.sign_in(account, session, guess, event, now)):
        _in_turn(account, session, guess, event, now, first)
    account.last_sign_in_at = now
    return grant(session, now=now, factors=factors, identities=identities)


def _in_turn(
    account: Account,
    session: Session,
    guess: Guess | None,
    event: Event,
    now: datetime,
    first: Callable[[], None] | None,
) -> None:
    """The writes of a sign-in one by one, in a transaction."""
    with transaction.atomic(durable=True):
        if first is not None:
            first()
        current = Account.objects.note_sign_in(account, now=now)
        if current:
            if guess is not None:
                guess.release(now)
            session.save(force_insert=True)
            event.data |= _end_others(session, now)
            events.write(event)
    if not current:
        _failed(session.backend, account, ClientInfo.of(event), "password_changed")
        raise InvalidCredentials


def _end_others(session: Session, now: datetime) -> dict[str, int]:
    """Where an account has one session at a time, end the others; how many, for the event.

    The account's row is held since the sign-in was noted, so of two at once one comes second here,
    and sees the other's session.
    """
    if not session.backend.single_session:
        return {}
    others = Session.objects.filter(account=session.account_id).exclude(pk=session.pk)
    return {"ended": others.end(now=now, reason=Session.NEWER_LOGIN)}


def new_session(
    backend: Backend, account: Account, *, method: Method, client: ClientInfo, now: datetime
) -> Session:
    """A session that is not saved yet."""
    first: dict[str, Any] = {"method": method.value, "timestamp": int(now.timestamp())}
    return Session(
        backend=backend,
        account=account,
        methods=[first],
        created_at=now,
        advanced_at=now,
        refreshed_at=now,
        expires_at=life(backend, now),
        user_agent=client.user_agent,
        ip=client.ip,
    )


def _refusal(account: Account, now: datetime) -> DomainError | None:
    if access.is_barred(account, now):
        return AccountBanned(status=400)
    if account.email_confirmed_at is None:
        return EmailNotConfirmed()
    return None


def _failed(backend: Backend, account: Account | None, client: ClientInfo, reason: str) -> None:
    events.record(
        Kind.SIGN_IN_FAILED,
        backend_id=backend.pk,
        client=client,
        account=account,
        result="refused",
        data={"reason": reason},
    )
