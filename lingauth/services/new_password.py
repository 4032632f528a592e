"""Judging a change of password or address: who may make one, and whether the password may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lingauth.core import clock, guesses
from lingauth.core.errors import (
    CurrentPasswordInvalid,
    ReauthenticationNeeded,
    SamePassword,
    TooManyAttempts,
    ValidationFailed,
)
from lingauth.models import MailToken
from lingauth.services import events, limits, passwords, reauthentication
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind


@dataclass(frozen=True, slots=True)
class Proof:
    """What is spent with the change it proves: ``nonce``, a mailed token; or nothing."""

    nonce: MailToken | None = None


def prove(me: SignedIn, current_password: object, nonce: object, client: ClientInfo) -> Proof:
    """Ask for proof, for a change of who can sign in. Raises what ``accounts.update`` names.

    Somebody anonymous has nothing that they could prove, and nothing that could be taken over.
    """
    now = clock.now()
    must_be_proven(me, now)
    if nonce:
        return Proof(reauthentication.matching(me=me, nonce=nonce, client=client))
    if current_password is not None:
        _confirm_current(me, current_password, client)
    elif not (me.account.is_anonymous or me.session.is_fresh(now, has_factor=me.has_factor)):
        raise ReauthenticationNeeded
    return Proof()


def judged(me: SignedIn, password: object) -> str:
    """The hash of a password that may be the account's. Raises what ``accounts.update`` names."""
    text = passwords.normalise(password)
    if not me.account.has_address:
        raise ValidationFailed(
            "Updating password of an anonymous user without an email or phone is not allowed"
        )
    passwords.check_strength(text, backend=me.backend, email=me.account.email_key)
    if passwords.matches(me.account.user, text):
        raise SamePassword
    return passwords.hashed(text)


def must_be_proven(me: SignedIn, now: datetime) -> None:
    """Ask for fresh ``aal2`` from an account with a factor. Raises InsufficientLevel (401)."""
    message = "AAL2 session is required to update email or password when MFA is enabled."
    me.require_fresh(now, message, status=401)


def _confirm_current(me: SignedIn, current_password: object, client: ClientInfo) -> None:
    now = clock.now()
    text = passwords.normalise(current_password)
    try:
        with passwords.turn():
            guess = limits.claim(
                guesses.PASSWORD,
                subject=me.account.email_key,
                backend=me.backend,
                account=me.account,
                now=now,
            )
            right = passwords.matches(me.account.user, text)
    except TooManyAttempts:
        events.record_for(me, Kind.PASSWORD_REFUSED, client, reason="locked")
        raise
    if not right:
        events.record_for(me, Kind.PASSWORD_REFUSED, client, reason="wrong_password")
        raise CurrentPasswordInvalid
    guess.release(now)
