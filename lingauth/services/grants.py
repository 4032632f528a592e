"""A grant: the answer that gives a client its session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lingauth import tokens
from lingauth.conf import settings
from lingauth.core import refresh
from lingauth.core.errors import WeakPassword
from lingauth.core.refresh import Kind
from lingauth.models import Account, Backend, Identity, RecoverySet, Session, TotpFactor
from lingauth.services.belongings import factors_of, identities_of, recovery_of

SERVER_KEY = "refresh token"


@dataclass(frozen=True, slots=True)
class Profile:
    """An account as its owner sees it. ``recovery`` is its set of recovery codes, if any."""

    account: Account
    factors: Sequence[TotpFactor]
    identities: Sequence[Identity]
    recovery: RecoverySet | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A pair of tokens and whose they are. ``expires_in`` in seconds, ``expires_at`` Unix time.

    The ``provider_…`` tokens are a provider's own, once, right after a sign-in through it.
    ``weakness``: the password that signed in would not be accepted as a new one.
    """

    session: Session
    backend: Backend
    profile: Profile
    access_token: str
    refresh_token: str
    expires_in: int
    expires_at: int
    provider_token: str = ""
    provider_refresh_token: str = ""
    weakness: WeakPassword | None = None

    @property
    def account(self) -> Account:
        return self.profile.account

    @property
    def factors(self) -> Sequence[TotpFactor]:
        return self.profile.factors


def grant(
    session: Session,
    *,
    now: datetime,
    factors: Sequence[TotpFactor] | None = None,
    identities: Sequence[Identity] | None = None,
) -> Grant:
    """Tokens for the session's current generation. The same refresh token at every call, but that
    it is spelled anew by a node that writes with another root secret."""
    access_token, expires_at = tokens.mint(session, session.account, session.backend, now)
    return Grant(
        session=session,
        backend=session.backend,
        profile=profile(session.account, factors=factors, identities=identities),
        access_token=access_token,
        refresh_token=refresh_token(session),
        expires_in=max(1, expires_at - int(now.timestamp())),
        expires_at=expires_at,
    )


def refresh_token(session: Session) -> str:
    """The token of the session's current generation."""
    key = settings.keychain.current(SERVER_KEY)
    return refresh.encode(Kind.REFRESH, session.pk, session.generation, bytes(session.secret), key)


def profile(
    account: Account,
    *,
    factors: Sequence[TotpFactor] | None = None,
    identities: Sequence[Identity] | None = None,
) -> Profile:
    """The account with its factors and identities, reading what the caller has not read yet."""
    if factors is None:
        factors = factors_of(account)
    if identities is None:
        identities = identities_of(account)
    return Profile(account, factors, identities, recovery_of(factors))
