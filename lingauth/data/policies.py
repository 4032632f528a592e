"""Row policies: which rows a caller sees and writes, and what a caller may say of a row's owner."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db.models import Model, Q

from lingauth.data.callers import Caller, Role
from lingauth.data.dialect import DataError, Scalar
from lingauth.models import Account

Row = Mapping[str, Scalar | None]


def forbidden(table: str) -> DataError:
    """A write past the policy's check (42501, 403), in PostgreSQL's words."""
    return DataError(
        f'new row violates row-level security policy for table "{table}"', code="42501", status=403
    )


class RowPolicy(ABC):
    """A table's rules. Every ``Q`` must confine rows to the caller's backend.

    ``claimed`` are the columns that the policy, not the body, turns into fields.
    """

    claimed: frozenset[str] = frozenset()

    @abstractmethod
    def check(self, model: type[Model], name: str) -> None:
        """Raise ImproperlyConfigured if ``model`` lacks what the policy needs."""

    @abstractmethod
    def visible_to(self, caller: Caller) -> Q:
        """The rows that ``caller`` reads."""

    @abstractmethod
    def writable_by(self, caller: Caller) -> Q:
        """The rows that ``caller`` changes and deletes; never more than the visible ones."""

    @abstractmethod
    def may_insert(self, caller: Caller) -> bool: ...

    @abstractmethod
    def may_update(self, caller: Caller) -> bool: ...

    @abstractmethod
    def may_delete(self, caller: Caller) -> bool: ...

    @abstractmethod
    def claim(
        self, caller: Caller, table: str, rows: Sequence[Row], *, inserting: bool
    ) -> list[dict[str, Any]]:
        """The fields that the policy sets on each of ``rows``, by model attribute.

        ``rows`` hold the claimed columns that the body named. Raises ``DataError`` (42501) for a
        row the caller may not write so.
        """


class OwnerRows(RowPolicy):
    """Public rows for everyone; own rows to read and write; the service key sees and writes all.

    ``owner`` is a foreign key to ``lingauth.Account``, exposed as the account's uuid; ``public``
    a boolean field; ``backend`` a foreign key to ``lingauth.Backend``. What an account writes is
    its own: an owner it names must be itself. The backend is always the caller's.
    """

    def __init__(
        self, owner: str = "owner", public: str = "is_public", backend: str = "backend"
    ) -> None:
        self.owner = owner
        self.public = public
        self.backend = backend
        self.claimed = frozenset((owner, backend))

    def check(self, model: type[Model], name: str) -> None:
        for field in (self.owner, self.public, self.backend):
            try:
                model._meta.get_field(field)
            except FieldDoesNotExist:
                raise ImproperlyConfigured(
                    f"The policy of {name!r} needs a field {field!r} on {model._meta.label}."
                ) from None

    def visible_to(self, caller: Caller) -> Q:
        match caller.role:
            case Role.SERVICE:
                return self._scope(caller)
            case Role.ACCOUNT:
                return self._scope(caller) & (Q(**{self.public: True}) | self._own(caller))
        return self._scope(caller) & Q(**{self.public: True})

    def writable_by(self, caller: Caller) -> Q:
        match caller.role:
            case Role.SERVICE:
                return self._scope(caller)
            case Role.ACCOUNT:
                return self._scope(caller) & self._own(caller)
        return Q(pk__in=[])

    def may_insert(self, caller: Caller) -> bool:
        return caller.role is not Role.ANON

    def may_update(self, caller: Caller) -> bool:
        return caller.role is not Role.ANON

    def may_delete(self, caller: Caller) -> bool:
        return caller.role is not Role.ANON

    def claim(
        self, caller: Caller, table: str, rows: Sequence[Row], *, inserting: bool
    ) -> list[dict[str, Any]]:
        if any(self.backend in row for row in rows):
            raise forbidden(table)
        fixed = {f"{self.backend}_id": caller.backend_id} if inserting else {}
        if caller.role is Role.SERVICE:
            owners = self._accounts(caller, table, rows)
            return [fixed | self._owned(row, owners, inserting) for row in rows]
        if any(self.owner in row and row[self.owner] != caller.account_uuid for row in rows):
            raise forbidden(table)
        if inserting:
            fixed[f"{self.owner}_id"] = _present(caller.account_id)
        return [dict(fixed) for _ in rows]

    def _scope(self, caller: Caller) -> Q:
        return Q(**{f"{self.backend}_id": caller.backend_id})

    def _own(self, caller: Caller) -> Q:
        return Q(**{f"{self.owner}_id": _present(caller.account_id)})

    def _accounts(self, caller: Caller, table: str, rows: Sequence[Row]) -> dict[UUID, int]:
        """The named owners' keys. An account of another backend does not exist here."""
        named = {uuid for row in rows if isinstance(uuid := row.get(self.owner), UUID)}
        if not named:
            return {}
        found = dict(
            Account.objects.filter(backend_id=caller.backend_id, uuid__in=named).values_list(
                "uuid", "pk"
            )
        )
        if missing := sorted(named - found.keys()):
            raise DataError(
                f'insert or update on table "{table}" violates foreign key constraint',
                code="23503",
                status=409,
                details=f"Key ({self.owner})=({missing[0]}) is not an account of this backend.",
            )
        return found

    def _owned(self, row: Row, owners: dict[UUID, int], inserting: bool) -> dict[str, Any]:
        owner = row.get(self.owner)
        if isinstance(owner, UUID):
            return {f"{self.owner}_id": owners[owner]}
        if inserting or self.owner in row:
            raise DataError(
                f'null value in column "{self.owner}" violates not-null constraint', code="23502"
            )
        return {}


def _present(account_id: int | None) -> int:
    if account_id is None:
        raise ValueError("An account's request has an account.")
    return account_id
