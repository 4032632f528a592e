"""The one statement a request begins with: backend, key, session, account, policy together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, FilteredRelation, OuterRef, Q

from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.core.errors import AccountBanned, InsufficientLevel, NotFound, SessionGone
from lingauth.core.gate import SessionState
from lingauth.models import Account, ApiKey, Backend, Identity, Session, TotpFactor
from lingauth.services.prepared import Prepared, built, columns_of

Parts = list[tuple[str, type[models.Model]]]
"""Which columns of a row belong to which model: a prefix and the model, in order."""

_MARKS = {
    "ref": "mark of the ref",
    "digest": "mark of the digest",
    "session_id": UUID(int=1),
    "email_key": "mark of the address",
}


@dataclass(frozen=True, slots=True)
class Access:
    """What one request may rely on. Read once, at its start.

    ``key`` is the API key that was presented, if it is this backend's and still accepted.
    ``session`` and ``account`` are None where none was asked for or none was found.
    """

    backend: Backend
    key: ApiKey | None = None
    session: Session | None = None
    account: Account | None = None
    has_factor: bool = False
    identities: tuple[Identity, ...] = ()

    def signed_in(self, now: datetime | None = None) -> SignedIn:
        """The live session of an account in good standing.

        Raises SessionGone, or AccountBanned for an account that is banned, deleted or inactive.
        """
        now = now or clock.now()
        if self.session is None or self.account is None or not self.session.is_alive(now):
            raise SessionGone
        if is_barred(self.account, now):
            raise AccountBanned
        return SignedIn(self.backend, self.session, self.account, self.has_factor)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: what every service that acts for an account is given."""

    backend: Backend
    session: Session
    account: Account
    has_factor: bool

    def level(self, now: datetime) -> Level:
        return self.session.level(now)

    def gate_state(self, now: datetime) -> SessionState:
        """What the gate needs to know."""
        return SessionState(
            level=self.level(now),
            has_factor=self.has_factor,
            ever_enrolled=self.account.mfa_enrolled_at is not None,
            account_created_at=self.account.created_at,
        )

    def require_fresh(self, now: datetime, message: str, *, status: int = 403) -> None:
        """Ask for ``aal2`` of the last ten minutes from an account that has a factor.

        Raises InsufficientLevel, whose details tell "never verified" from "too long ago".
        """
        if self.has_factor and not self.session.is_fresh(now, has_factor=True):
            stale = self.level(now) is Level.AAL2
            raise InsufficientLevel(
                message if not stale else "Confirm a code again to do this.",
                details={"max_age": 600} if stale else None,
                status=status,
            )

    def after(self, **changes: Any) -> SignedIn:
        """The same with some parts renewed, after a change of this request's own."""
        return replace(self, **changes)


def read(
    *,
    ref: str,
    api_key: str | None = None,
    session_id: UUID | None = None,
    email_key: str | None = None,
) -> Access:
    """Read what a request needs, in one statement. Raises NotFound for an unknown backend.

    The account is the session's, or the one with that address (then with its user row and
    identities too). Nothing is judged here but the API key's end.
    """
    values = {
        name: value
        for name, value in (
            ("ref", ref),
            ("digest", key_digest(api_key) if api_key is not None else None),
            ("session_id", session_id),
            ("email_key", email_key),
        )
        if value is not None
    }
    statement, parts, path = _statement(frozenset(values))
    rows = statement.rows(values)
    if not rows:
        raise NotFound("There is no such backend.")
    return _assemble(rows, parts, path)


@cache
def _statement(given: frozenset[str]) -> tuple[Prepared, Parts, str]:
    """The statement for what is ``given``, what its columns are, and where the account is."""
    query = Backend.objects.filter(ref=_MARKS["ref"])
    parts: Parts = [("", Backend)]
    path = "session__account__"
    if "digest" in given:
        key = Q(api_keys__digest=_MARKS["digest"], api_keys__revoked_at=None)
        query = query.annotate(key=FilteredRelation("api_keys", condition=key))
        parts.append(("key__", ApiKey))
    if "session_id" in given:
        session = Q(sessions__id=_MARKS["session_id"])
        query = query.annotate(session=FilteredRelation("sessions", condition=session))
        parts += [("session__", Session), ("session__account__", Account)]
    if "email_key" in given:
        path = "account__"
        account = Q(accounts__email_key=_MARKS["email_key"])
        query = query.annotate(account=FilteredRelation("accounts", condition=account))
        parts += [("account__", Account), ("account__user__", get_user_model())]
        parts.append(("account__identities__", Identity))
    columns = [f"{prefix}{name}" for prefix, model in parts for name in columns_of(model)]
    if "session_id" in given:
        factor = TotpFactor.objects.filter(account=OuterRef(f"{path}id"), confirmed=True)
        query = query.annotate(has_factor=Exists(factor))
        columns += [*_user_flag(path), "has_factor"]
    marks = {name: _MARKS[name] for name in given}
    return Prepared.compile(query.values_list(*columns).order_by(), marks), parts, path


def key_digest(api_key: str) -> str:
    """What is stored of an API key. It has 256 random bits, so a plain hash is enough."""
    return sha256(api_key.encode("utf-8", "replace")).hexdigest()


def is_barred(account: Account, now: datetime) -> bool:
    """Whether an account may not be used: banned, deleted, or its host user is inactive."""
    active = account.__dict__.get("user_is_active", True)
    if "user" in account._state.fields_cache:
        active = getattr(account.user, "is_active", True)
    return account.is_barred(now) or not active


def _user_flag(path: str) -> list[str]:
    """The host's ``is_active``, if its user model stores one."""
    names = columns_of(get_user_model())
    return [f"{path}user__is_active"] if "is_active" in names else []


def _assemble(rows: list[list[Any]], parts: Parts, path: str) -> Access:
    found: dict[str, Any] = {}
    identities: list[Identity] = []
    for row in rows:
        start = 0
        for prefix, model in parts:
            names = columns_of(model)
            instance = built(model, names, row[start : start + len(names)])
            start += len(names)
            if prefix == "account__identities__":
                identities += [instance] if isinstance(instance, Identity) else []
            else:
                found[prefix] = instance
    backend, account, session = found[""], found.get(path), found.get("session__")
    key = found.get("key__")
    if account is not None:
        account.backend = backend
        if "account__user__" in found:
            account.user = found["account__user__"]
        elif len(rows[0]) > start + 1:
            account.user_is_active = rows[0][start]
    if session is not None:
        session.backend, session.account = backend, account
    return Access(
        backend=backend,
        key=key if key is not None and key.is_alive(clock.now()) else None,
        session=session,
        account=account,
        has_factor=bool(rows[0][-1]) if session is not None else False,
        identities=tuple(identities),
    )
