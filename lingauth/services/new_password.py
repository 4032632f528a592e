"""Judging a new password: who may set one, and whether it may be one."""

from __future__ import annotations

from datetime import datetime

from lingauth.core import clock, guesses
from lingauth.core.errors import (
    CurrentPasswordInvalid,
    ReauthenticationNeeded,
    SamePassword,
    TooManyAttempts,
)
from lingauth.services import events, limits, passwords
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind


def judged(me: SignedIn, password: object, current_password: object, client: ClientInfo) -> str:
    """The hash of a password that this session may set. Raises what ``accounts.update`` names."""
    now = clock.now()
    text = passwords.normalise(password)
    must_be_proven(me, now)
    if current_password is not None:
        _confirm_current(me, current_password, client)
    elif not me.session.is_fresh(now, has_factor=me.has_factor):
        raise ReauthenticationNeeded
    passwords.check_strength(text, backend=me.backend, email=me.account.email_key)
    if passwords.matches(me.account.user, text, given=password):
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
        guess = limits.claim(
            guesses.PASSWORD,
            subject=me.account.email_key,
            backend=me.backend,
            account=me.account,
            now=now,
        )
    except TooManyAttempts:
        events.record_for(me, Kind.PASSWORD_REFUSED, client, reason="locked")
        raise
    if not passwords.matches(me.account.user, text, given=current_password):
        events.record_for(me, Kind.PASSWORD_REFUSED, client, reason="wrong_password")
        raise CurrentPasswordInvalid
    guess.release(now)
