"""Proving a TOTP factor: a challenge, a code, and the session at ``aal2``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from lingauth.conf import settings
from lingauth.core import challenge as challenges
from lingauth.core import clock
from lingauth.core.assurance import Level, Method
from lingauth.core.errors import (
    ChallengeExpired,
    CodeRefused,
    FactorNameTaken,
    FactorNotFound,
    InsufficientLevel,
    TooManyAttempts,
)
from lingauth.models import Session, TotpFactor
from lingauth.services import at_once, codes, events
from lingauth.services.access import SignedIn
from lingauth.services.belongings import factors_of
from lingauth.services.context import ClientInfo
from lingauth.services.elevation import elevate, raised, with_proof
from lingauth.services.events import Kind
from lingauth.services.factors import PENDING_FOR, confirmed_side_effects, may_still_confirm
from lingauth.services.grants import Grant, grant
from lingauth.services.limits import Guess
from lingauth.services.notices import Notice, send


@dataclass(frozen=True, slots=True)
class Challenge:
    """An open challenge. ``expires_at`` in whole seconds."""

    id: UUID
    factor: TotpFactor
    expires_at: datetime


def challenge(*, me: SignedIn, factor_uuid: UUID, client: ClientInfo) -> Challenge:
    """Ask this session for a code of that factor. Raises FactorNotFound."""
    now = clock.now()
    factor = _usable(me, _factors(me), factor_uuid, now)
    ends = now.replace(microsecond=0) + timedelta(seconds=challenges.LIFE)
    with transaction.atomic(durable=True):
        TotpFactor.objects.filter(pk=factor.pk).update(last_challenged_at=now)
        _record(Kind.FACTOR_CHALLENGED, me, client, factor)
    made = challenges.make(_key(), bound_to=_binding(me, factor), expires_at=ends)
    return Challenge(made, factor, ends)


def verify(
    *,
    me: SignedIn,
    factor_uuid: UUID,
    challenge_id: UUID,
    code: object,
    client: ClientInfo,
    idempotency_key: str | None = None,
) -> Grant:
    """Answer a challenge. The session is at ``aal2`` afterwards and has a new pair of tokens.

    Raises FactorNotFound, ChallengeExpired (also for one already answered or of another session),
    CodeRefused, TooManyAttempts; InsufficientLevel for a set-up finished below ``aal2`` while the
    account has a factor.
    """
    now = clock.now()
    factors = _factors(me)
    factor = _usable(me, factors, factor_uuid, now)
    opened = challenges.is_open(challenge_id, _key(), bound_to=_binding(me, factor), now=now)
    if not opened:
        raise ChallengeExpired
    return _prove(me, factors, [factor], code, client, now, idempotency_key)


def verify_any(
    *,
    me: SignedIn,
    code: object,
    client: ClientInfo,
    factor_uuid: UUID | None = None,
    idempotency_key: str | None = None,
) -> Grant:
    """The same in one call, without a challenge: this session's unfinished set-up, or any verified
    factor, or the one that is named."""
    now = clock.now()
    factors = _factors(me)
    if factor_uuid is not None:
        candidates = [_usable(me, factors, factor_uuid, now)]
    else:
        candidates = [factor for factor in factors if _may_prove(me, factor, now)]
    if not candidates:
        raise FactorNotFound("There is no factor to verify. Enroll one first.")
    return _prove(me, factors, candidates, code, client, now, idempotency_key)


def _prove(
    me: SignedIn,
    factors: Sequence[TotpFactor],
    candidates: Sequence[TotpFactor],
    code: object,
    client: ClientInfo,
    now: datetime,
    idempotency_key: str | None,
) -> Grant:
    try:
        verdict = codes.judge(
            code,
            factors=candidates,
            user_id=me.account.user_id,
            backend=me.backend,
            account=me.account,
            now=now,
        )
    except TooManyAttempts:
        _record(Kind.FACTOR_REFUSED, me, client, candidates[0], "locked")
        raise
    if not isinstance(verdict, codes.Match):
        guess, refusal = verdict
        _missed(me, candidates[0], client, guess)
        raise refusal
    enrols = not verdict.factor.confirmed
    session = None if enrols else _at_once(me, verdict, client, now, idempotency_key)
    if session is None:
        session = _in_turn(me, verdict, client, now, idempotency_key)
    verdict.factor.last_used_at = now
    if enrols:
        context = {"factor_name": verdict.factor.name}
        send(Notice.FACTOR_ENROLLED, backend=me.backend, account=me.account, context=context)
    # A finished set-up has ended others, so they are read anew.
    return grant(session, now=now, factors=None if enrols else factors, identities=me.identities)


def _at_once(
    me: SignedIn,
    verdict: codes.Match,
    client: ClientInfo,
    now: datetime,
    idempotency_key: str | None,
) -> Session | None:
    """The session raised by a verified factor in one statement; None where nothing happened."""
    methods = with_proof(me.session, Method.TOTP, now)
    event = events.draft_for(me, Kind.FACTOR_VERIFIED, client, factor=str(verdict.factor.uuid))
    digest = me.session.digest_of_retry(idempotency_key)
    done = at_once.prove(
        verdict.factor, verdict.step, me.session, methods, digest, verdict.guess, event, now
    )
    return raised(me.session, methods, now) if done else None


def _in_turn(
    me: SignedIn,
    verdict: codes.Match,
    client: ClientInfo,
    now: datetime,
    idempotency_key: str | None,
) -> Session:
    """The writes of a proof one by one, in a transaction. Raises what stands against it."""
    enrols = not verdict.factor.confirmed
    try:
        with transaction.atomic(durable=True):
            if enrols:
                may_still_confirm(me, now)
            verdict.burn(now)
            session = elevate(me, Method.TOTP, now, idempotency_key=idempotency_key)
            if enrols:
                confirmed_side_effects(me, verdict.factor, now)
            kind = Kind.FACTOR_ENROLLED if enrols else Kind.FACTOR_VERIFIED
            _record(kind, me, client, verdict.factor)
    except CodeRefused:
        _record(Kind.FACTOR_REFUSED, me, client, verdict.factor, "reused")
        raise
    except IntegrityError:
        raise FactorNameTaken from None
    return session


def _missed(me: SignedIn, factor: TotpFactor, client: ClientInfo, guess: Guess) -> None:
    """Write a wrong code down; tell the owner when it was the one that locks."""
    kind = Kind.FACTOR_LOCKED if guess.locks else Kind.FACTOR_REFUSED
    _record(kind, me, client, factor, "wrong_code")
    if guess.locks:
        context = {"disabled": guess.is_last}
        send(Notice.FACTOR_LOCKED, backend=me.backend, account=me.account, context=context)


def _factors(me: SignedIn) -> Sequence[TotpFactor]:
    """The account's factors, as this request read them."""
    return me.factors if me.factors is not None else factors_of(me.account)


def _usable(
    me: SignedIn, factors: Sequence[TotpFactor], factor_uuid: UUID, now: datetime
) -> TotpFactor:
    factor = next((f for f in factors if f.uuid == factor_uuid), None)
    if factor is None or not (factor.confirmed or _is_own_set_up(me, factor, now)):
        raise FactorNotFound
    if not _may_prove(me, factor, now):
        raise InsufficientLevel("AAL2 required to enroll a new factor")
    return factor


def _may_prove(me: SignedIn, factor: TotpFactor, now: datetime) -> bool:
    """A verified factor always; an unfinished one only by the session that began it, and at
    ``aal2`` once the account has a factor."""
    if factor.confirmed:
        return True
    proven = not me.has_factor or me.level(now) is Level.AAL2
    return proven and _is_own_set_up(me, factor, now)


def _is_own_set_up(me: SignedIn, factor: TotpFactor, now: datetime) -> bool:
    return factor.session_id == me.session.pk and now - factor.created_at < PENDING_FOR


def _binding(me: SignedIn, factor: TotpFactor) -> bytes:
    return f"{me.backend.pk}/{me.session.pk}/{me.session.elevations}/{factor.uuid}".encode()


def _key() -> bytes:
    return settings.keychain.current("challenge")


def _record(
    kind: Kind, me: SignedIn, client: ClientInfo, factor: TotpFactor, reason: str = ""
) -> None:
    events.record_for(me, kind, client, reason=reason, factor=str(factor.uuid))
