"""Second factors of an account, as a backend's own servers may change them.

This is the way back for somebody who lost both authenticator and recovery codes. It bypasses what a
factor protects, so each act is an event and the owner is told of it by mail.
"""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from lingauth.core import clock, guesses
from lingauth.core.errors import FactorNameTaken, FactorNotFound, ValidationFailed
from lingauth.core.guesses import Rule
from lingauth.models import Account, Backend, GuessLimit, RecoverySet, Session, TotpFactor
from lingauth.services import grants, limits
from lingauth.services.admin import finding
from lingauth.services.admin.by import By
from lingauth.services.events import Kind
from lingauth.services.factors import checked_name
from lingauth.services.grants import Profile
from lingauth.services.notices import Notice, send


def list_for(*, backend: Backend, account_uuid: UUID) -> Profile:
    """The account with its factors. Raises AccountNotFound."""
    account = finding.find(backend=backend, account_uuid=account_uuid)
    return grants.profile(account, identities=())


def rename(*, by: By, account_uuid: UUID, factor_uuid: UUID, name: str | None) -> TotpFactor:
    """Give an authenticator another name; without one it is only read.

    Raises AccountNotFound, FactorNotFound, FactorNameTaken, ValidationFailed.
    """
    account = finding.find(backend=by.backend, account_uuid=account_uuid)
    try:
        with transaction.atomic(durable=True):
            account = finding.take(backend=by.backend, account=account)
            factor = TotpFactor.objects.filter(account=account, uuid=factor_uuid).first()
            if factor is None:
                raise FactorNotFound
            before, new = factor.name, _name(name, factor)
            if new != before:
                TotpFactor.objects.filter(pk=factor.pk).update(name=new)
                by.record(
                    Kind.FACTOR_RENAMED, account, factor=str(factor.uuid), name=new, before=before
                )
    except IntegrityError:
        raise FactorNameTaken from None
    factor.name = new
    if new != before and factor.confirmed:
        context = {"factor_name": before, "new_name": new}
        send(Notice.FACTOR_RENAMED, backend=by.backend, account=account, context=context)
    return factor


def remove(*, by: By, account_uuid: UUID, factor_uuid: UUID) -> TotpFactor | RecoverySet:
    """Remove an authenticator, or the set of recovery codes, by its id.

    Every session falls to ``aal1`` at once. With the last authenticator the recovery codes go too,
    and guesses begin again: what was guessed at is gone. Raises AccountNotFound, FactorNotFound.
    """
    account = finding.find(backend=by.backend, account_uuid=account_uuid)
    with transaction.atomic(durable=True):
        account = finding.take(backend=by.backend, account=account)
        factors = list(TotpFactor.objects.filter(account=account))
        codes = RecoverySet.objects.filter(account=account).first()
        factor = next((row for row in factors if row.uuid == factor_uuid), None)
        last = factor is not None and [row for row in factors if row.confirmed] == [factor]
        if factor is None and (codes is None or codes.uuid != factor_uuid):
            raise FactorNotFound
        # Locks in the order of services.turns: codes, factor, guess limits, sessions.
        if factor is None or last:
            RecoverySet.objects.filter(account=account).delete()
        if factor is not None:
            TotpFactor.objects.filter(pk=factor.pk).delete()
        if factor is None or last:
            _reopen(account, guesses.RECOVERY)
        if last:
            _reopen(account, guesses.TOTP)
        if factor is None or factor.confirmed:
            Session.objects.filter(account=account).lower()
        _record(by, account, factor, last=last)
    if factor is not None:
        _tell(by, account, factor, last=last)
        return factor
    assert codes is not None
    send(Notice.RECOVERY_CODES_REMOVED, backend=by.backend, account=account)
    return codes


def _record(by: By, account: Account, factor: TotpFactor | None, *, last: bool) -> None:
    if factor is None:
        by.record(Kind.RECOVERY_CODES_REMOVED, account)
    else:
        data = {"factor": str(factor.uuid), "name": factor.name, "last": last}
        by.record(Kind.FACTOR_REMOVED, account, **data)


def _reopen(account: Account, rule: Rule) -> None:
    key = limits.key_of(rule, f"user {account.user_id}", account.backend)
    GuessLimit.objects.reopen(key, rule, now=clock.now())


def _tell(by: By, account: Account, factor: TotpFactor, *, last: bool) -> None:
    """A set-up that nobody finished was no factor, so there is nothing to tell of it."""
    if factor.confirmed:
        context = {"factor_name": factor.name, "last": last}
        send(Notice.FACTOR_REMOVED, backend=by.backend, account=account, context=context)


def _name(given: str | None, factor: TotpFactor) -> str:
    if given is None:
        return factor.name
    name = checked_name(given)
    if not name:
        raise ValidationFailed("A factor needs a name.")
    return name
