"""Recovery codes: the way in without the authenticator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lingauth.conf import settings
from lingauth.core import clock, guesses
from lingauth.core import recovery as shape
from lingauth.core.assurance import Method
from lingauth.core.errors import (
    CodeRefused,
    FactorExists,
    FactorNotFound,
    InsufficientLevel,
    SoleFactor,
    TooManyAttempts,
)
from lingauth.models import GuessLimit, RecoveryCode, RecoverySet
from lingauth.services import events, limits, turns
from lingauth.services.access import SignedIn
from lingauth.services.context import ClientInfo
from lingauth.services.elevation import elevate
from lingauth.services.events import Kind
from lingauth.services.grants import Grant, grant
from lingauth.services.limits import Guess
from lingauth.services.notices import Notice, send

LOCKED = "mfa_recovery_codes_locked"


@dataclass(frozen=True, slots=True)
class RecoveryStatus:
    """A set without its codes. ``used`` holds the positions (from 1) that are gone."""

    id: UUID
    total: int
    remaining: int
    used: tuple[int, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewCodes:
    """A new set, with its codes for the only time."""

    id: UUID
    codes: list[str]
    created_at: datetime


def status(*, me: SignedIn) -> RecoveryStatus | None:
    """The account's set, or None."""
    found = RecoverySet.objects.filter(account=me.account).first()
    if found is None:
        return None
    codes = list(RecoveryCode.objects.filter(set=found))
    used = tuple(code.position for code in codes if code.used_at is not None)
    return RecoveryStatus(found.uuid, len(codes), len(codes) - len(used), used, found.created_at)


def generate(*, me: SignedIn, client: ClientInfo) -> NewCodes:
    """Make the first set. Raises FactorExists if there is one; else as ``regenerate``."""
    return _make(me, client, replace=False)


def regenerate(*, me: SignedIn, client: ClientInfo) -> NewCodes:
    """Make a new set; every older code ends with it. If wrong codes had ended the old set for good,
    guesses begin again: what was guessed at is gone.

    Raises InsufficientLevel below fresh ``aal2`` and SoleFactor without an authenticator.
    """
    return _make(me, client, replace=True)


def delete(*, me: SignedIn, client: ClientInfo) -> UUID:
    """Remove the set. Raises InsufficientLevel below fresh ``aal2``, FactorNotFound without one."""
    with transaction.atomic(durable=True):
        me = turns.take(me)
        _must_be_fresh(me)
        found = RecoverySet.objects.filter(account=me.account).first()
        if found is None:
            raise FactorNotFound("There are no recovery codes.")
        found.delete()
        events.record_for(me, Kind.RECOVERY_CODES_REMOVED, client)
    send(Notice.RECOVERY_CODES_REMOVED, backend=me.backend, account=me.account)
    return found.uuid


def verify(
    *, me: SignedIn, code: object, client: ClientInfo, idempotency_key: str | None = None
) -> Grant:
    """Use one code: the session is at ``aal2`` afterwards and has a new pair of tokens.

    Raises CodeRefused for a wrong or used code and TooManyAttempts while they are locked, on a
    counter of their own. Authenticators stay as they are; if wrong codes had disabled them, they
    work again.
    """
    now = clock.now()
    text = shape.parse_code(code)
    if text is None:
        raise CodeRefused("Invalid recovery code entered")
    guess = _claim(me, client, now)
    found = RecoverySet.objects.filter(account=me.account).first()
    digests = settings.keychain.digests(*_digest_parts(me, text))
    try:
        with transaction.atomic(durable=True):
            used = found is not None and RecoveryCode.objects.consume(
                set_id=found.pk, digests=digests, now=now
            )
            if not used:
                raise CodeRefused("Invalid recovery code entered")
            guess.release(now)
            totp_key = limits.key_of(guesses.TOTP, f"user {me.account.user_id}", me.backend)
            GuessLimit.objects.reopen(totp_key, guesses.TOTP, now=now)
            session = elevate(me, Method.RECOVERY_CODE, now, idempotency_key=idempotency_key)
            events.record_for(me, Kind.RECOVERY_CODE_USED, client)
    except CodeRefused:
        events.record_for(me, Kind.RECOVERY_CODE_REFUSED, client, reason="wrong_code")
        raise
    remaining = RecoveryCode.objects.filter(set=found, used_at=None).count()
    context = {"remaining": remaining}
    send(Notice.RECOVERY_CODE_USED, backend=me.backend, account=me.account, context=context)
    return grant(session, now=now)


def _claim(me: SignedIn, client: ClientInfo, now: datetime) -> Guess:
    try:
        return limits.claim(
            guesses.RECOVERY,
            subject=f"user {me.account.user_id}",
            backend=me.backend,
            account=me.account,
            now=now,
            locked_code=LOCKED,
        )
    except TooManyAttempts:
        events.record_for(me, Kind.RECOVERY_CODE_REFUSED, client, reason="locked")
        raise


def _make(me: SignedIn, client: ClientInfo, *, replace: bool) -> NewCodes:
    now = clock.now()
    codes = shape.new_codes()
    with transaction.atomic(durable=True):
        me = turns.take(me)
        if not me.has_factor:
            raise SoleFactor
        _must_be_fresh(me)
        before = RecoverySet.objects.filter(account=me.account)
        if not replace and before.exists():
            raise FactorExists
        before.delete()
        made = RecoverySet.objects.create(
            backend=me.backend, account=me.account, user_id=me.account.user_id, created_at=now
        )
        RecoveryCode.objects.bulk_create(
            RecoveryCode(
                set=made,
                position=position,
                digest=settings.keychain.digest(*_digest_parts(me, code)),
            )
            for position, code in enumerate(codes, start=1)
        )
        key = limits.key_of(guesses.RECOVERY, f"user {me.account.user_id}", me.backend)
        GuessLimit.objects.reopen(key, guesses.RECOVERY, now=now)
        events.record_for(me, Kind.RECOVERY_CODES_MADE, client)
    send(Notice.RECOVERY_CODES_MADE, backend=me.backend, account=me.account)
    return NewCodes(made.uuid, codes, now)


def _must_be_fresh(me: SignedIn) -> None:
    if not me.has_factor:
        raise InsufficientLevel("AAL2 required to manage recovery codes")
    me.require_fresh(clock.now(), "AAL2 required to manage recovery codes")


def _digest_parts(me: SignedIn, code: str) -> tuple[str, bytes, bytes]:
    return "recovery code", str(me.account.uuid).encode(), code.encode()
