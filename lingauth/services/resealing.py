"""What is kept for long comes under the newest root secret: encrypted anew, or sealed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from lingauth import keyring
from lingauth.conf import settings
from lingauth.core.crypto import DecryptionFailed
from lingauth.models import Provider, RecoverySet, SigningKey, TotpFactor
from lingauth.models import factor as factors
from lingauth.services import providers
from lingauth.services.history import sealing


@dataclass(frozen=True, slots=True)
class _Column:
    """A ``secret`` of a table: what it was encrypted for, and what binds it to its row."""

    rows: models.QuerySet[Any]
    purpose: str
    binding: Callable[[Any], bytes]


@dataclass(slots=True)
class Resealed:
    """How many rows were written anew, are current now as before, and could not be opened."""

    rewritten: int = 0
    current: int = 0
    unreadable: int = 0


def reseal(*, batch: int = 500) -> dict[str, Resealed]:
    """Encrypt authenticators, signing keys and providers' secrets under the newest root secret, and
    put a seal under it upon each chain of the history.

    Reads ``batch`` rows at a time and locks none: a secret that is replaced meanwhile stays what it
    became, and whoever reads finds the old ciphertext or the new one. May be ended and run again.
    A row that none of the roots opens is left as it is, and counted.
    """
    done = {name: _reseal(column, batch) for name, column in _columns().items()}
    return done | {"history": Resealed(*sealing.renew())}


def recovery_code_sets() -> int:
    """How many sets of recovery codes there are. They are kept as keyed digests, which nobody can
    write anew without the codes."""
    return RecoverySet.objects.count()


def _columns() -> dict[str, _Column]:
    return {
        "authenticators": _Column(TotpFactor.objects.all(), factors.PURPOSE, TotpFactor.binding),
        "signing keys": _Column(SigningKey.objects.all(), keyring.PURPOSE, _kid),
        "providers": _Column(
            Provider.objects.exclude(secret=None), providers.PURPOSE, providers.binding
        ),
    }


def _kid(key: SigningKey) -> bytes:
    return key.kid.encode()


def _reseal(column: _Column, batch: int) -> Resealed:
    done = Resealed()
    for row in _all(column.rows, batch):
        sealed, bound_to = bytes(row.secret), column.binding(row)
        if settings.keychain.is_current(column.purpose, sealed):
            done.current += 1
            continue
        try:
            plain = settings.keychain.decrypt(column.purpose, sealed, bound_to=bound_to)
        except DecryptionFailed:
            done.unreadable += 1
            continue
        anew = settings.keychain.encrypt(column.purpose, plain, bound_to=bound_to)
        done.rewritten += column.rows.filter(pk=row.pk, secret=sealed).update(secret=anew)
    return done


def _all(rows: models.QuerySet[Any], batch: int) -> Iterator[Any]:
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:batch]):
        yield from found
        last = found[-1].pk
