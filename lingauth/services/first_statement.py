"""The one statement a request begins with, written in the ORM and compiled once for each use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Exists, FilteredRelation, OuterRef, Q

from lingauth.models import Account, ApiKey, Backend, Identity, RecoverySet, Session, TotpFactor
from lingauth.services.prepared import Prepared, built, columns_of

_MARKS = {
    "ref": "mark of the ref",
    "digest": "mark of the digest",
    "session_id": UUID(int=1),
    "email_key": "mark of the address",
}


class Depth(Enum):
    """How much a request reads of its session and account, in its one statement."""

    GATE = "what the gate asks"
    ROWS = "the rows"
    WHOLE = "the rows, and the account's factors and ways in: what an answer with a session shows"


_GATE_OF_BACKEND = (
    "id ref session_max_idle aal2_max_age aal2_max_idle mfa_mode mfa_starts_at mfa_grace"
    " mfa_grace_from policy_version keys_version"
).split()
_KEY = "id role last_used_at expires_at revoked_at".split()
_COLUMNS: dict[Depth, dict[type[models.Model], Sequence[str]]] = {
    Depth.GATE: {
        Backend: _GATE_OF_BACKEND,
        ApiKey: _KEY,
        Session: (
            "id backend_id account_id verified_at methods created_at refreshed_at expires_at"
            " ended_at"
        ).split(),
        Account: (
            "id uuid backend_id user_id banned_until deleted_at mfa_enrolled_at created_at"
        ).split(),
    },
    Depth.ROWS: {},
    Depth.WHOLE: {
        # What signing in and tokens ask of it besides.
        Backend: [
            *_GATE_OF_BACKEND,
            *"name password_min_length old_hashes single_session session_max_age".split(),
            *"access_token_ttl token_claims refresh_reuse_grace".split(),
        ],
        ApiKey: _KEY,
        Session: (
            "id backend_id account_id secret generation retry_digest advanced_at advanced_by"
            " elevations verified_at methods created_at refreshed_at expires_at ended_at end_reason"
        ).split(),
        TotpFactor: (
            "id uuid backend_id account_id user_id session_id name confirmed secret last_step"
            " created_at verified_at last_used_at last_challenged_at"
        ).split(),
        Identity: "id uuid account_id provider subject data created_at updated_at".split(),
        RecoverySet: "id uuid account_id created_at".split(),
    },
}
"""The columns that are read, where those are not all. One more is read when it is used."""


@dataclass(frozen=True, slots=True)
class Found:
    """What it found. Nothing of it is judged."""

    backend: Backend
    key: ApiKey | None
    session: Session | None
    account: Account | None
    has_factor: bool
    factors: tuple[TotpFactor, ...] | None
    identities: tuple[Identity, ...] | None


def read(values: Mapping[str, Any], depth: Depth) -> Found | None:
    """Read by ``ref`` and, as they are given, ``digest`` (a key's), ``session_id`` and
    ``email_key``. None for an unknown backend."""
    statement = _statement(frozenset(values), depth)
    rows = statement.prepared.rows(values)
    if not rows:
        return None
    found = {part.path: part.of(rows[0]) for part in statement.parts}
    backend, account = found[""], found.get(statement.account)
    session = found.get("session__")
    flags = {name: rows[0][at] for name, at in statement.flags.items()}
    if account is not None:
        account.backend = backend
        if (user := found.get(f"{statement.account}user__")) is not None:
            account.user = user
        elif (active := flags.get(f"{statement.account}user__is_active")) is not None:
            account.user_is_active = active
    if session is not None:
        session.backend, session.account = backend, account
    has_factor, factors, identities = bool(flags.get("has_factor")), None, None
    if f"{statement.account}factors__" in found:
        factors, identities = _belongings(statement, rows, found)
        has_factor = any(factor.confirmed for factor in factors)
    return Found(backend, found.get("key__"), session, account, has_factor, factors, identities)


@dataclass(frozen=True, slots=True)
class _Part:
    """Which columns of a row are a model's."""

    path: str
    model: type[models.Model]
    names: tuple[str, ...]
    at: slice

    def of(self, row: list[Any]) -> Any:
        return built(self.model, self.names, row[self.at])


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement and what its columns are: the parts, and behind them ``flags``, each with its
    place in a row."""

    prepared: Prepared
    parts: tuple[_Part, ...]
    account: str
    flags: Mapping[str, int]


@cache
def _statement(given: frozenset[str], depth: Depth) -> _Statement:
    """The statement for what is ``given``."""
    query = Backend.objects.filter(ref=_MARKS["ref"])
    paths: list[tuple[str, type[models.Model]]] = [("", Backend)]
    account = "account__" if "email_key" in given else "session__account__"
    flags = _user_flag(account) if "session_id" in given else []
    if "digest" in given:
        key = Q(api_keys__digest=_MARKS["digest"], api_keys__revoked_at=None)
        query = query.annotate(key=FilteredRelation("api_keys", condition=key))
        paths.append(("key__", ApiKey))
    if "session_id" in given:
        session = Q(sessions__id=_MARKS["session_id"])
        query = query.annotate(session=FilteredRelation("sessions", condition=session))
        paths += [("session__", Session), (account, Account)]
    if "email_key" in given:
        address = Q(accounts__email_key=_MARKS["email_key"])
        query = query.annotate(account=FilteredRelation("accounts", condition=address))
        paths += [(account, Account), (f"{account}user__", get_user_model())]
    has_account = "session_id" in given or "email_key" in given
    if depth is Depth.WHOLE and has_account:
        paths += [
            (f"{account}factors__", TotpFactor),
            (f"{account}identities__", Identity),
            (f"{account}recovery_set__", RecoverySet),
        ]
    elif "session_id" in given:
        factor = TotpFactor.objects.filter(account=OuterRef(f"{account}id"), confirmed=True)
        query = query.annotate(has_factor=Exists(factor))
        flags.append("has_factor")
    parts: list[_Part] = []
    columns: list[str] = []
    for path, model in paths:
        names = columns_of(model)
        if model in _COLUMNS[depth]:
            names = tuple(name for name in names if name in _COLUMNS[depth][model])
        parts.append(_Part(path, model, names, slice(len(columns), len(columns) + len(names))))
        columns += [f"{path}{name}" for name in names]
    marks = {name: _MARKS[name] for name in given}
    rows = query.values_list(*columns, *flags).order_by()
    places = {name: at for at, name in enumerate(flags, len(columns))}
    return _Statement(Prepared.compile(rows, marks), tuple(parts), account, places)


def _belongings(
    statement: _Statement, rows: list[list[Any]], found: dict[str, Any]
) -> tuple[tuple[TotpFactor, ...], tuple[Identity, ...]]:
    """What belongs to the account, the oldest first: each row has one factor and one way in, and
    every one is in some row."""
    path = statement.account
    account = found[path]
    if account is None:
        return (), ()
    kinds: dict[str, dict[int, Any]] = {f"{path}factors__": {}, f"{path}identities__": {}}
    for part in statement.parts:
        if part.path in kinds:
            instances = [found[part.path], *(part.of(row) for row in rows[1:])]
            kinds[part.path] = {each.pk: each for each in instances if each is not None}
    factors, identities = (
        tuple(sorted(each.values(), key=lambda row: (row.created_at, row.pk)))
        for each in kinds.values()
    )
    for factor in factors:
        factor.account = account
    account._state.fields_cache["recovery_set"] = found[f"{path}recovery_set__"]
    return factors, identities


def _user_flag(path: str) -> list[str]:
    """The host's ``is_active``, if its user model stores one."""
    names = columns_of(get_user_model())
    return [f"{path}user__is_active"] if "is_active" in names else []
