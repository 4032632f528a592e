"""Paying for a guess before it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from math import ceil

from django.db import IntegrityError, transaction

from lingauth.core.errors import TooManyAttempts
from lingauth.core.guesses import Rule
from lingauth.core.rates import Rate
from lingauth.models import Account, Backend, GuessLimit
from lingauth.services import rates


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess that counts as wrong until ``release``, in the transaction of the success."""

    key: str
    rule: Rule
    number: int

    def release(self, now: datetime) -> None:
        GuessLimit.objects.release(self.key, now=now)

    @property
    def locks(self) -> bool:
        """Whether this guess, if wrong, is the one that locks."""
        return self.rule.wait_after(self.number) is not None

    @property
    def is_last(self) -> bool:
        """Whether no further guess will be looked at, if this one is wrong."""
        return self.number >= self.rule.cap


def claim(
    rule: Rule,
    *,
    subject: str,
    backend: Backend | None,
    account: Account | None,
    now: datetime,
    locked_code: str | None = None,
    unless: Rate | None = None,
) -> Guess:
    """Count a guess as wrong, committed at once. Raises TooManyAttempts while guesses are locked
    or the rate ``unless`` is used up.

    It refuses to run inside a transaction: a rollback there would give the guess back.
    """
    must_commit_at_once()
    return claim_within(
        rule,
        subject=subject,
        backend=backend,
        account=account,
        now=now,
        locked_code=locked_code,
        unless=unless,
    )


def claim_within(
    rule: Rule,
    *,
    subject: str,
    backend: Backend | None,
    account: Account | None,
    now: datetime,
    locked_code: str | None = None,
    unless: Rate | None = None,
) -> Guess:
    """The same for a guess that counts in two places: in a durable transaction of the caller, who
    compares nothing before that is committed."""
    key = key_of(rule, subject, backend)
    attempt = partial(
        GuessLimit.objects.claim_attempt,
        key,
        rule,
        backend_id=backend.pk if backend else None,
        now=now,
        unless=unless,
    )
    try:
        number = attempt(account_id=account.pk if account else None)
    except IntegrityError:  # the account was deleted since it was read
        number = attempt(account_id=None)
    if number is None:
        raise _locked(key, rule, now, locked_code, unless)
    return Guess(key, rule, number)


def forgive(rule: Rule, *, subject: str, backend: Backend | None, now: datetime) -> None:
    """A guess was right, or better proof was given: the count begins again."""
    GuessLimit.objects.release(key_of(rule, subject, backend), now=now)


def key_of(rule: Rule, subject: str, backend: Backend | None) -> str:
    """The row's key: a digest that begins with the backend, so that tenants never share one.

    No secret goes into it: a new root secret must not set any counter back.
    """
    scope = f"backend {backend.pk}" if backend is not None else "operators"
    return sha256("\n".join((scope, rule.kind, subject)).encode()).hexdigest()


def _locked(
    key: str, rule: Rule, now: datetime, code: str | None, unless: Rate | None
) -> TooManyAttempts:
    """How long the lock lasts; where only a reset ends it, an hour is named as the time to wait."""
    row = GuessLimit.objects.filter(key=key).first()
    until = row.locked_until if row else None
    disabled = row is not None and row.failures >= rule.cap
    if unless is None or disabled or (until and until > now):
        wait = max(1, ceil((until - now).total_seconds())) if until and until > now else 3600
        return TooManyAttempts(retry_after=wait, code=code, disabled=disabled)
    return TooManyAttempts(retry_after=rates.wait(unless, now), code=code, of_network=True)


def must_commit_at_once() -> None:
    """Raises RuntimeError inside a transaction, whose rollback would give back what was counted."""
    blocks = transaction.get_connection().atomic_blocks
    # Django's TestCase wraps each test; ``atomic(durable=True)`` makes the same allowance.
    if not all(block._from_testcase for block in blocks):
        raise RuntimeError("This must be counted outside of any transaction.")
