"""Bringing accounts from Supabase Auth, with their ids, passwords, identities and bans.

Each row is taken whole, in a savepoint of its own, or not at all. Run again, it goes on: what is
there already is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from lingauth.core import clock
from lingauth.core.errors import DomainError
from lingauth.models import Account, Backend, Identity
from lingauth.services import events, imported_rows, old_hashes, users
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.imported_rows import (
    ImportedIdentity,
    ImportedUser,
    LeftOut,
    Refused,
    Row,
)
from lingauth.services.new_account import email_identity

BATCH = 500
NOT_HERE = "of accounts that are not here"
T = TypeVar("T")


@dataclass(slots=True)
class Import:
    """The import of one table, and what became of its rows.

    ``refuse`` is told of each refused row: its line, its id and why. ``progress`` is told how many
    rows were read. In a ``dry_run`` the caller's own transaction, which it takes back, is used.
    """

    backend: Backend
    actor: Actor
    refuse: Callable[[int, str, str], None]
    progress: Callable[[int], None] = lambda rows: None
    dry_run: bool = False
    rows: int = 0
    taken: int = 0
    existing: int = 0
    refused: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def batches(self, rows: Iterable[Row], read: Callable[[Row], T]) -> Iterator[list[T]]:
        """What the rows say, some hundred at a time; those that say nothing of use are noted."""
        source = iter(rows)
        while batch := list(islice(source, BATCH)):
            yield [found for row in batch if (found := self._judged(row, read)) is not None]
            self.rows += len(batch)
            self.progress(self.rows)

    def transaction(self) -> AbstractContextManager[Any]:
        return transaction.atomic(durable=not self.dry_run)

    @contextmanager
    def whole(self, line: int, id: object) -> Iterator[None]:
        """All that one row writes, or nothing of it. A rule that the database or the host's user
        model has is a reason to refuse the row; any other trouble ends the import."""
        try:
            with transaction.atomic():
                yield
        except LeftOut as reason:
            self.left_out[str(reason)] += 1
        except Refused as reason:
            self._note(line, id, str(reason))
        except DomainError as error:  # of the host's USER_FACTORY
            self._note(line, id, f"is not wanted: {error.message.rstrip('.')}")
        except IntegrityError:
            self._note(line, id, "contradicts a row that is there already")
        except (DataError, ValidationError):
            self._note(line, id, "has a value that cannot be stored")
        else:
            self.taken += 1

    def record(self, kind: Kind, account: Account, **data: object) -> None:
        events.record(
            kind,
            backend_id=self.backend.pk,
            client=ClientInfo(),
            actor=self.actor,
            account=account,
            data={"from": "supabase", **data},
        )

    def accounts(self, uuids: Iterable[UUID]) -> dict[UUID, Account]:
        """Those of this backend, by id."""
        found = Account.objects.filter(backend=self.backend, uuid__in=set(uuids))
        return {account.uuid: account for account in found}

    def _judged(self, row: Row, read: Callable[[Row], T]) -> T | None:
        try:
            if row.problem:
                raise Refused(row.problem)
            return read(row)
        except LeftOut as reason:
            self.left_out[str(reason)] += 1
        except Refused as reason:
            self._note(row.line, row.get("id"), str(reason))
        return None

    def _note(self, line: int, id: object, reason: str) -> None:
        self.refused += 1
        self.refuse(line, str(id or "without an id"), reason)


def import_users(
    job: Import, rows: Iterable[Row], *, anonymous: bool = False, auto_confirmed: bool = False
) -> None:
    """Make an account of each row of ``auth.users``.

    ``anonymous`` takes those too who never gave an address: nobody can sign in to them again.
    ``auto_confirmed``: the addresses were confirmed without a mail, so that nobody has shown yet
    that they are theirs.
    """
    for found in job.batches(rows, lambda row: imported_rows.user(row, anonymous=anonymous)):
        with job.transaction():
            old_hashes.note(job.backend, [user.password for user in found if user.password])
            same_id = Account.objects.filter(uuid__in=[user.uuid for user in found])
            at: dict[UUID, int] = dict(same_id.values_list("uuid", "backend_id"))
            same_address = Account.objects.filter(
                backend=job.backend, email_key__in=[user.email_key for user in found]
            )
            taken = set(same_address.values_list("email_key", flat=True))
            for user in found:
                if at.get(user.uuid) == job.backend.pk:
                    job.existing += 1
                    continue
                with job.whole(user.line, user.uuid):
                    if user.uuid in at:
                        raise Refused("is an account of another backend")
                    if user.email_key in taken:
                        raise Refused("has the address of another account")
                    _make(job, user, auto_confirmed=auto_confirmed)
                    at[user.uuid] = job.backend.pk
                    taken.add(user.email_key)


def import_identities(job: Import, rows: Iterable[Row]) -> None:
    """Give the accounts their identities, from rows of ``auth.identities``.

    That of the address came with the account; it gets the id, the times and the data that it had.
    """
    for found in job.batches(rows, imported_rows.identity):
        with job.transaction():
            accounts = job.accounts(identity.user for identity in found)
            for identity in found:
                there = Identity.objects.filter(
                    backend=job.backend, provider=identity.provider, subject=identity.subject
                ).first()
                account = accounts.get(identity.user)
                if there is not None and account is not None and _is_done(there, identity, account):
                    job.existing += 1
                    continue
                with job.whole(identity.line, identity.uuid or identity.user):
                    if account is None:
                        raise LeftOut(NOT_HERE)
                    if there is not None and there.account_id != account.pk:
                        raise Refused("signs in to another account here")
                    _link(job, there, identity, account)


def _make(job: Import, user: ImportedUser, *, auto_confirmed: bool) -> None:
    now = clock.now()
    always = {name: user.times[name] or now for name in ("created_at", "updated_at")}
    account = Account(
        uuid=user.uuid,
        backend=job.backend,
        email=user.email,
        email_key=user.email_key,
        is_anonymous=user.is_anonymous,
        auto_confirmed=auto_confirmed and user.times["email_confirmed_at"] is not None,
        app_metadata=user.app_metadata,
        user_metadata=user.user_metadata,
        **{**user.times, **always},
    )
    account.user = users.make_user(
        backend=job.backend, account_uuid=user.uuid, email=user.email, password=user.password
    )
    account.save(force_insert=True)
    if user.signs_in_by_mail:
        identity = email_identity(account)
        identity.created_at = identity.updated_at = account.created_at
        identity.save(force_insert=True)
    job.record(Kind.ACCOUNT_IMPORTED, account)


def _is_done(there: Identity, identity: ImportedIdentity, account: Account) -> bool:
    return there.account_id == account.pk and identity.uuid in (None, there.uuid)


def _link(
    job: Import, there: Identity | None, identity: ImportedIdentity, account: Account
) -> None:
    row = there or Identity(
        backend=job.backend,
        account=account,
        provider=identity.provider,
        subject=identity.subject,
    )
    row.uuid = identity.uuid or row.uuid
    row.data = identity.data
    row.created_at = identity.created_at or row.created_at
    row.updated_at = identity.updated_at or row.created_at
    row.save()
    if there is None:
        job.record(Kind.IDENTITY_LINKED, account, provider=identity.provider)
