"""An operator's own second step. It is never an authenticator of an account of the same user."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.core import clock, totp
from lingauth.core.errors import CodeRefused, FactorExists, FactorNotFound, TooManyAttempts
from lingauth.models import TotpFactor
from lingauth.models.factor import FactorQuerySet
from lingauth.services import codes, events, qr
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.factors import PENDING_FOR, Enrollment

ISSUER = "LingAuth console"


def exists(user: Any) -> bool:
    """Whether the operator has set up their own second step."""
    return _own(user).verified().exists()


def enroll(user: Any) -> Enrollment:
    """Begin an operator's set-up, replacing an unfinished one. Raises FactorExists after the first:
    an operator who lost theirs is reset on the command line, never by a password alone."""
    if exists(user):
        raise FactorExists("This operator has an authenticator already.")
    factor = TotpFactor(user=user, name="Authenticator app", confirmed=False)
    secret = totp.new_secret()
    factor.seal(secret)
    with transaction.atomic(durable=True):
        _hold(user)
        _pending(user).delete()
        factor.save(force_insert=True)
    return _enrollment(factor, secret)


def pending(user: Any) -> Enrollment | None:
    """The operator's unfinished set-up with the same secret, for a page that is loaded again."""
    factor = _pending(user).filter(created_at__gt=clock.now() - PENDING_FOR).first()
    return _enrollment(factor, factor.open_secret()) if factor is not None else None


def confirm(user: Any, code: object, client: ClientInfo) -> TotpFactor:
    """Finish the set-up with a first code. Raises FactorNotFound, CodeRefused, TooManyAttempts."""
    if exists(user):
        raise FactorExists("This operator has an authenticator already.")
    fresh = _pending(user).filter(created_at__gt=clock.now() - PENDING_FOR)
    return _prove(user, list(fresh), code, client, Kind.OPERATOR_FACTOR_ENROLLED)


def verify(user: Any, code: object, client: ClientInfo) -> TotpFactor:
    """Accept a code of one of the operator's authenticators. Raises as ``confirm`` does."""
    factors = list(_own(user).verified())
    return _prove(user, factors, code, client, Kind.OPERATOR_VERIFIED)


def _own(user: Any) -> FactorQuerySet:
    """The operator's authenticators. One that the same user set up as an account of a backend is
    not among them: there a password alone is enough to add the first."""
    return TotpFactor.objects.filter(user=user, account=None)


def _pending(user: Any) -> FactorQuerySet:
    return _own(user).filter(confirmed=False)


def _hold(user: Any) -> None:
    """One set-up of an operator at a time, until the caller's transaction ends."""
    # Not type(user): a request's user is a lazy object.
    users = get_user_model()._default_manager
    list(users.select_for_update().filter(pk=user.pk).values_list("pk"))


def _prove(
    user: Any, factors: list[TotpFactor], code: object, client: ClientInfo, kind: Kind
) -> TotpFactor:
    if not factors:
        raise FactorNotFound("There is no authenticator to check this code with.")
    now = clock.now()
    try:
        verdict = codes.judge(
            code, factors=factors, user_id=user.pk, backend=None, account=None, now=now
        )
        if not isinstance(verdict, codes.Match):
            raise verdict[1]
        with transaction.atomic(durable=True):
            if not verdict.factor.confirmed:
                _hold(user)
                if exists(user):
                    raise FactorExists("This operator has an authenticator already.")
            verdict.burn(now)
            events.record(kind, backend_id=None, client=client, actor=Actor.operator(user))
    except (CodeRefused, TooManyAttempts) as refusal:
        events.record(
            Kind.OPERATOR_REFUSED,
            backend_id=None,
            client=client,
            actor=Actor.operator(user),
            result="refused",
            data={"reason": refusal.code},
        )
        raise
    return verdict.factor


def _enrollment(factor: TotpFactor, secret: bytes) -> Enrollment:
    name = factor.user.get_username()
    uri = totp.provisioning_uri(secret, account=name, issuer=ISSUER)
    return Enrollment(factor, totp.as_base32(secret), uri, qr.svg(uri))
