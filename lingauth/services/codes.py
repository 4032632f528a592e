"""Judging a code: paid for first, compared in constant time, used up by one guarded UPDATE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lingauth.core import clock, guesses, totp
from lingauth.core.errors import CodeRefused
from lingauth.models import Account, Backend, GuessLimit, TotpFactor
from lingauth.services import limits
from lingauth.services.limits import Guess

_LATE = "Your code looks out of date. Set your phone's time to automatic and try again."


@dataclass(frozen=True, slots=True)
class Match:
    """A right code. It counts only once ``burn`` says so, in the transaction of what it opens."""

    factor: TotpFactor
    step: int
    guess: Guess

    def burn(self, now: datetime) -> None:
        """Use the code up. Raises CodeRefused if it, or a later one, was used before."""
        if not TotpFactor.objects.burn_step(self.factor, self.step, now=now):
            raise CodeRefused("That code was already used. Wait for the next one.", reused=True)
        self.guess.release(now)


def judge(
    text: object,
    *,
    factors: Sequence[TotpFactor],
    user_id: Any,
    backend: Backend | None,
    account: Account | None,
    now: datetime,
) -> Match | tuple[Guess, CodeRefused]:
    """Find the factor whose code this is. A miss comes back with the guess it cost.

    Raises CodeRefused for what is no code at all, which costs nothing and tells nothing, and
    TooManyAttempts while codes are locked, right ones too.
    """
    code = totp.parse_code(text)
    if code is None:
        raise CodeRefused
    guess = limits.claim(
        guesses.TOTP, subject=f"user {user_id}", backend=backend, account=account, now=now
    )
    for factor in factors:
        step = totp.matching_step(factor.open_secret(), code, now)
        if step is not None:
            return Match(factor, step, guess)
    late = any(
        factor.confirmed and totp.is_out_of_date(factor.open_secret(), code, now)
        for factor in factors
    )
    return guess, CodeRefused(_LATE if late else None, late=late)


def accepts(factor: TotpFactor, text: object) -> bool:
    """django-otp's question. Its own door asks inside a transaction, which it then commits."""
    now = clock.now()
    code = totp.parse_code(text)
    if code is None or not factor.confirmed:
        return False
    key = limits.key_of(guesses.TOTP, f"user {factor.user_id}", factor.backend)
    claimed = GuessLimit.objects.claim_attempt(
        key, guesses.TOTP, backend_id=factor.backend_id, account_id=factor.account_id, now=now
    )
    if claimed is None:
        return False
    step = totp.matching_step(factor.open_secret(), code, now)
    if step is None or not TotpFactor.objects.burn_step(factor, step, now=now):
        return False
    GuessLimit.objects.release(key, now=now)
    return True
