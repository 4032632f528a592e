"""Authenticators of an account: enrolling, naming, removing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, count
from uuid import UUID

from django.db import IntegrityError, transaction

from lingauth.core import clock, totp
from lingauth.core.assurance import Level
from lingauth.core.errors import (
    FactorNameTaken,
    FactorNotFound,
    InsufficientLevel,
    NoAuthorization,
    SoleFactor,
    TooManyFactors,
    ValidationFailed,
)
from lingauth.models import RecoverySet, Session, TotpFactor
from lingauth.models.factor import FactorQuerySet
from lingauth.services import events, qr, turns
from lingauth.services.access import SignedIn
from lingauth.services.belongings import factors_of
from lingauth.services.context import ClientInfo
from lingauth.services.events import Kind
from lingauth.services.notices import Notice, send

MAX_FACTORS = 10
MAX_NAME = 64
PENDING_FOR = timedelta(minutes=10)
"""How long a set-up may take (NIST SP 800-63B-4 section 4.1.2.2)."""


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What an authenticator app needs. ``secret`` is base32, ``qr_svg`` draws ``uri``."""

    factor: TotpFactor
    secret: str
    uri: str
    qr_svg: str


def list_for(*, me: SignedIn) -> list[TotpFactor]:
    """The account's verified factors, in the order they were added."""
    return [factor for factor in factors_of(me.account) if factor.confirmed]


def enroll(
    *, me: SignedIn, name: str = "", issuer: str | None = None, client: ClientInfo
) -> Enrollment:
    """Begin to set up an authenticator. It counts for nothing until it accepted a code.

    One set-up per session: a new one replaces the one before. Raises InsufficientLevel unless the
    session is at fresh ``aal2`` (any session may add a first factor), FactorNameTaken,
    TooManyFactors, ValidationFailed for a name over 64 characters, and NoAuthorization (403) for
    an anonymous account.
    """
    if me.account.is_anonymous:
        raise NoAuthorization("Anonymous accounts have no factors.", status=403)
    secret = totp.new_secret()
    with transaction.atomic(durable=True):
        me = turns.take(me)
        me.require_fresh(clock.now(), "AAL2 required to enroll a new factor")
        name = checked_name(name)
        existing = list_for(me=me)
        if len(existing) >= MAX_FACTORS:
            raise TooManyFactors
        names = {factor.name for factor in existing}
        if name in names:
            raise FactorNameTaken
        factor = TotpFactor(
            user_id=me.account.user_id,
            account=me.account,
            backend=me.backend,
            session=me.session,
            name=name or _free_name(names),
            confirmed=False,
        )
        factor.seal(secret)
        _pending_of(me).delete()
        factor.save()
        _record(Kind.FACTOR_ENROLMENT_STARTED, me, client, factor)
    return _enrollment(factor, secret, me, issuer)


def pending(*, me: SignedIn) -> Enrollment | None:
    """This session's unfinished set-up with the same secret, for a page that is loaded again."""
    factor = _pending_of(me).filter(created_at__gt=clock.now() - PENDING_FOR).first()
    if factor is None:
        return None
    factor.backend = me.backend
    return _enrollment(factor, factor.open_secret(), me, None)


def may_still_confirm(me: SignedIn, now: datetime) -> None:
    """Wait for one's turn to finish a set-up, and ask again what was asked when it began.

    Raises InsufficientLevel if the account got a factor meanwhile and this session is below
    ``aal2``, TooManyFactors, and SessionGone.
    """
    me = turns.take(me)
    if me.has_factor and me.level(now) is not Level.AAL2:
        raise InsufficientLevel("AAL2 required to enroll a new factor")
    if len(list_for(me=me)) >= MAX_FACTORS:
        raise TooManyFactors


def confirmed_side_effects(me: SignedIn, factor: TotpFactor, now: datetime) -> None:
    """What follows from a new factor, in the transaction that confirmed it: the account counts as
    enrolled, other set-ups of this session are dropped, and sessions that never proved it end."""
    if me.account.mfa_enrolled_at is None:
        type(me.account).objects.filter(pk=me.account.pk).update(mfa_enrolled_at=now)
        me.account.mfa_enrolled_at = now
    _pending_of(me).exclude(pk=factor.pk).delete()
    limits = me.backend.limits
    at_aal2 = {
        "verified_at__gt": now - limits.max_age,
        "refreshed_at__gt": now - limits.max_idle,
    }
    others = Session.objects.filter(account=me.account).exclude(pk=me.session.pk)
    proven = others.filter(**at_aal2).values("pk")
    others.exclude(pk__in=proven).end(now=now, reason="factor_enrolled")


def rename(*, me: SignedIn, factor_uuid: UUID, name: str, client: ClientInfo) -> TotpFactor:
    """Give a verified factor another name. Raises as ``enroll`` does, and FactorNotFound."""
    try:
        with transaction.atomic(durable=True):
            me = turns.take(me)
            me.require_fresh(clock.now(), "AAL2 required to rename a factor")
            factor = _verified(me, factor_uuid)
            name = checked_name(name)
            if not name:
                raise ValidationFailed("A factor needs a name.")
            TotpFactor.objects.filter(pk=factor.pk).update(name=name)
            _record(Kind.FACTOR_RENAMED, me, client, factor)
    except IntegrityError:
        raise FactorNameTaken from None
    factor.name = name
    return factor


def unenroll(
    *, me: SignedIn, factor_uuid: UUID, client: ClientInfo, with_recovery_codes: bool = False
) -> UUID:
    """Remove a factor. A verified one asks for fresh ``aal2`` and takes ``aal2`` from every session
    at once; an unfinished one of this session may go at any level.

    Raises InsufficientLevel (422, the clients' status for this), FactorNotFound, ValidationFailed
    (422) for the set of recovery codes, and SoleFactor if only they would remain, unless they are
    to go ``with`` it.
    """
    now = clock.now()
    if _pending_of(me).filter(uuid=factor_uuid).delete()[0]:
        return factor_uuid
    with transaction.atomic(durable=True):
        me = turns.take(me)
        mine = list_for(me=me)
        factor = next((f for f in mine if f.uuid == factor_uuid), None)
        codes = RecoverySet.objects.filter(account=me.account)
        if factor is None and codes.filter(uuid=factor_uuid).exists():
            raise ValidationFailed("Recovery codes are removed by their own call", status=422)
        if factor is None:
            raise FactorNotFound
        me.require_fresh(now, "AAL2 required to unenroll verified factor", status=422)
        last = len(mine) == 1
        if last and not with_recovery_codes and codes.exists():
            raise SoleFactor
        if last:
            codes.delete()
        TotpFactor.objects.filter(pk=factor.pk).delete()
        Session.objects.filter(account=me.account).lower()
        _record(Kind.FACTOR_REMOVED, me, client, factor)
    context = {"factor_name": factor.name, "last": last}
    send(Notice.FACTOR_REMOVED, backend=me.backend, account=me.account, context=context)
    return factor_uuid


def _verified(me: SignedIn, factor_uuid: UUID) -> TotpFactor:
    factor = TotpFactor.objects.verified().filter(uuid=factor_uuid, account=me.account).first()
    if factor is None:
        raise FactorNotFound
    return factor


def _pending_of(me: SignedIn) -> FactorQuerySet:
    return TotpFactor.objects.filter(session=me.session, confirmed=False)


def checked_name(name: str) -> str:
    """A factor's name with single spaces. Raises ValidationFailed for one that is none."""
    name = " ".join(name.split())
    if len(name) > MAX_NAME or not name.isprintable():
        raise ValidationFailed(f"A factor's name has at most {MAX_NAME} characters.")
    return name


def _free_name(taken: set[str]) -> str:
    more = (f"Authenticator app {number}" for number in count(2))
    return next(name for name in chain(["Authenticator app"], more) if name not in taken)


def _enrollment(factor: TotpFactor, secret: bytes, me: SignedIn, issuer: str | None) -> Enrollment:
    uri = totp.provisioning_uri(
        secret, account=me.account.label, issuer=(issuer or me.backend.name)[:MAX_NAME]
    )
    return Enrollment(factor, totp.as_base32(secret), uri, qr.svg(uri))


def _record(kind: Kind, me: SignedIn, client: ClientInfo, factor: TotpFactor) -> None:
    events.record_for(me, kind, client, factor=str(factor.uuid), name=factor.name)
