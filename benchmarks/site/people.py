"""Accounts with their rows, written in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model

from benchmarks.plans import progress
from lingauth import tokens
from lingauth.core import clock, totp
from lingauth.models import Account, Backend, Identity, Session, TotpFactor
from lingauth.services.grants import refresh_token
from lingauth.services.new_account import draft, email_identity


@dataclass(slots=True)
class Person:
    """One account with a factor and one session; ``secret`` in base32."""

    account: Account
    session: Session
    secret: str
    access_token: str
    refresh_token: str


def make(
    backend: Backend, what: str, count: int, *, password: str, aal2: bool = False
) -> list[Person]:
    """``count`` accounts whose address begins with ``what``. ``password`` is a hash."""
    made: list[Person] = []
    for numbers in progress(f"{what} accounts", range(count), 1000):
        made += _batch(backend, what, numbers, password, aal2)
    return made


def _batch(
    backend: Backend, what: str, numbers: Sequence[int], password: str, aal2: bool
) -> list[Person]:
    now = clock.now()
    accounts = [
        draft(backend, f"{what}{number}@example.com", {}, confirmed=True) for number in numbers
    ]
    users: Any = get_user_model()
    rows = users.objects.bulk_create(
        users(username=str(account.uuid), email=account.email, password=password)
        for account in accounts
    )
    for account, user in zip(accounts, rows, strict=True):
        account.user, account.mfa_enrolled_at = user, now
    Account.objects.bulk_create(accounts)
    Identity.objects.bulk_create(email_identity(account) for account in accounts)
    sessions = [_session(account, aal2) for account in accounts]
    Session.objects.bulk_create(sessions)
    secrets = [totp.new_secret() for _ in accounts]
    factors = [_factor(account, secret) for account, secret in zip(accounts, secrets, strict=True)]
    TotpFactor.objects.bulk_create(factors)
    return [
        Person(
            account=session.account,
            session=session,
            secret=totp.as_base32(secret),
            access_token=tokens.mint(session, session.account, backend, now)[0],
            refresh_token=refresh_token(session),
        )
        for session, secret in zip(sessions, secrets, strict=True)
    ]


def _session(account: Account, aal2: bool) -> Session:
    now = clock.now()
    at = int(now.timestamp())
    methods: list[dict[str, Any]] = [{"method": "password", "timestamp": at}]
    return Session(
        backend=account.backend,
        account=account,
        methods=[{"method": "totp", "timestamp": at}, *methods] if aal2 else methods,
        verified_at=now if aal2 else None,
        created_at=now,
        advanced_at=now,
        refreshed_at=now,
        expires_at=now + timedelta(days=30),
        user_agent="benchmarks",
        ip="127.0.0.1",
    )


def _factor(account: Account, secret: bytes) -> TotpFactor:
    factor = TotpFactor(
        backend=account.backend,
        account=account,
        user=account.user,
        name="Authenticator",
        confirmed=True,
        verified_at=clock.now(),
    )
    factor.seal(secret)
    return factor
