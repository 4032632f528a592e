"""What belongs to an account, read by statements that are compiled once: nearly every answer that
gives a session carries it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from lingauth.models import Account, Identity, RecoverySet, TotpFactor
from lingauth.services.prepared import Prepared, built, columns_of

_MARK = 2**31 - 19
"""Stands for the account's key while a statement is compiled."""


def factors_of(account: Account) -> list[TotpFactor]:
    """The account's factors, oldest first, and with them its recovery set: one statement."""
    names, recovery_names = columns_of(TotpFactor), columns_of(RecoverySet)
    factors: list[TotpFactor] = []
    for row in _factors().rows({"account": account.pk}):
        factor = cast(TotpFactor, built(TotpFactor, names, row[: len(names)]))
        factor.account = account
        account._state.fields_cache["recovery_set"] = built(
            RecoverySet, recovery_names, row[len(names) :]
        )
        factors.append(factor)
    return factors


def identities_of(account: Account) -> list[Identity]:
    """The account's ways in, the oldest first."""
    names = columns_of(Identity)
    rows = _identities().rows({"account": account.pk})
    return [cast(Identity, built(Identity, names, row)) for row in rows]


def recovery_of(factors: Sequence[TotpFactor]) -> RecoverySet | None:
    """The recovery set that was read along with the factors. It never exists without one."""
    for factor in factors:
        if factor.account is not None:
            found: RecoverySet | None = factor.account._state.fields_cache.get("recovery_set")
            return found
    return None


@cache
def _factors() -> Prepared:
    rows = TotpFactor.objects.filter(account_id=_MARK).order_by("created_at", "pk")
    recovery = (f"account__recovery_set__{name}" for name in columns_of(RecoverySet))
    columns: Any = [*columns_of(TotpFactor), *recovery]
    return Prepared.compile(rows.values_list(*columns), {"account": _MARK})


@cache
def _identities() -> Prepared:
    rows = Identity.objects.filter(account_id=_MARK).order_by("created_at", "pk")
    return Prepared.compile(rows.values_list(*columns_of(Identity)), {"account": _MARK})
