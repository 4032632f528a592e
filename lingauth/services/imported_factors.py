"""Bringing authenticators from Supabase Auth: who had two factors is not to be left with one."""

from __future__ import annotations

from base64 import b32decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lingauth.core import clock
from lingauth.models import Account, Session, TotpFactor
from lingauth.services.events import Kind
from lingauth.services.factors import MAX_FACTORS, MAX_NAME
from lingauth.services.imported_rows import LeftOut, Refused, Row, a_time, an_id, text
from lingauth.services.importing import NOT_HERE, Import

MIN_SECRET, MAX_SECRET = 16, 64
"""Bytes. RFC 4226 section 4, R6: at least 128 bits."""


@dataclass(frozen=True, slots=True)
class ImportedFactor:
    """A verified authenticator. ``secret`` is in clear, and goes nowhere but into the row."""

    line: int
    uuid: UUID
    user: UUID
    name: str
    secret: bytes
    created_at: datetime | None
    verified_at: datetime | None
    last_challenged_at: datetime | None

    def __repr__(self) -> str:
        return f"<ImportedFactor {self.uuid}>"


def import_factors(job: Import, rows: Iterable[Row]) -> None:
    """Give the accounts their authenticators, from rows of ``auth.mfa_factors``.

    Secrets are encrypted on the way in. An account that gains a factor counts as enrolled, and its
    open sessions, which never proved it, end: as after enrolling.
    """
    for found in job.batches(rows, factor):
        with job.transaction():
            accounts = job.accounts(given.user for given in found)
            there = TotpFactor.objects.filter(uuid__in=[given.uuid for given in found])
            owners = dict(there.values_list("uuid", "account__uuid"))
            for given in found:
                if owners.get(given.uuid) == given.user and given.user in accounts:
                    job.existing += 1
                    continue
                with job.whole(given.line, given.uuid):
                    if given.user not in accounts:
                        raise LeftOut(NOT_HERE)
                    if given.uuid in owners:
                        raise Refused("is a factor of another account")
                    _add(job, given, accounts[given.user])
                    owners[given.uuid] = given.user


def factor(row: Row) -> ImportedFactor:
    """A row of ``auth.mfa_factors``. Raises Refused for a verified one that cannot be taken."""
    if text(row, "status") != "verified":
        raise LeftOut("never finished")
    kind = text(row, "factor_type")
    if kind.startswith("recovery_code"):
        raise LeftOut("recovery codes, which are made anew")
    user = an_id(row, "user_id")
    try:
        secret = _secret(kind, text(row, "secret"))
    except Refused as reason:
        raise Refused(f"{reason}; the account {user} has one factor fewer here") from None
    return ImportedFactor(
        line=row.line,
        uuid=an_id(row, "id"),
        user=user,
        name=_name(text(row, "friendly_name")),
        secret=secret,
        created_at=a_time(row, "created_at"),
        verified_at=a_time(row, "updated_at", "created_at"),
        last_challenged_at=a_time(row, "last_challenged_at"),
    )


def _secret(kind: str, value: str) -> bytes:
    if kind != "totp":
        raise Refused(f"is of the kind {kind!r}, which there is not here")
    if value.startswith("{"):
        raise Refused("has a secret that is encrypted with a key of the old server")
    bare = value.rstrip("=").upper()
    try:
        secret = b32decode(bare + "=" * (-len(bare) % 8))
    except ValueError:
        raise Refused("has a secret that is not base32") from None
    if not MIN_SECRET <= len(secret) <= MAX_SECRET:
        raise Refused(f"has a secret that is not of {MIN_SECRET} to {MAX_SECRET} bytes")
    return secret


def _name(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MAX_NAME]


def _add(job: Import, factor: ImportedFactor, account: Account) -> None:
    now = clock.now()
    Account.objects.hold(account.pk)
    names = set(
        TotpFactor.objects.verified().filter(account=account).values_list("name", flat=True)
    )
    if len(names) >= MAX_FACTORS:
        raise Refused(f"is one more than the {MAX_FACTORS} factors an account can have")
    row = TotpFactor(
        uuid=factor.uuid,
        user_id=account.user_id,
        account=account,
        backend=job.backend,
        name=_free(factor.name or "Authenticator app", names),
        confirmed=True,
        created_at=factor.created_at or now,
        verified_at=factor.verified_at or now,
        last_challenged_at=factor.last_challenged_at,
    )
    row.seal(factor.secret)
    row.save(force_insert=True)
    Account.objects.filter(pk=account.pk, mfa_enrolled_at=None).update(
        mfa_enrolled_at=row.verified_at
    )
    Session.objects.filter(account=account).end(now=now, reason="factor_imported")
    job.record(Kind.FACTOR_ENROLLED, account, factor=str(row.uuid), name=row.name)


def _free(name: str, taken: set[str]) -> str:
    names = (name, *(f"{name[: MAX_NAME - 3]} {n}" for n in range(2, MAX_FACTORS + 2)))
    return next(name for name in names if name not in taken)
