"""The one statement a request begins with: backend, key, session, account, policy together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.core.errors import AccountBanned, InsufficientLevel, NotFound, SessionGone
from lingauth.core.gate import SessionState
from lingauth.models import Account, ApiKey, Backend, Identity, Session, TotpFactor
from lingauth.services import first_statement
from lingauth.services.first_statement import Depth


@dataclass(frozen=True, slots=True)
class Access:
    """What one request may rely on. Read once, at its start.

    ``key`` is the API key that was presented, if it is this backend's and still accepted.
    ``session`` and ``account`` are None where none was asked for or none was found. ``factors`` and
    ``identities``, the oldest first, are None unless they were read along.
    """

    backend: Backend
    key: ApiKey | None
    session: Session | None
    account: Account | None
    has_factor: bool
    factors: tuple[TotpFactor, ...] | None
    identities: tuple[Identity, ...] | None

    def signed_in(self, now: datetime | None = None) -> SignedIn:
        """The live session of an account in good standing.

        Raises SessionGone, or AccountBanned for an account that is banned, deleted or inactive.
        """
        now = now or clock.now()
        if self.session is None or self.account is None or not self.session.is_alive(now):
            raise SessionGone
        if is_barred(self.account, now):
            raise AccountBanned
        return SignedIn(
            self.backend,
            self.session,
            self.account,
            self.has_factor,
            self.factors,
            self.identities,
        )


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: what every service that acts for an account is given.

    ``factors`` and ``identities`` are as the request found them; None where it did not look.
    """

    backend: Backend
    session: Session
    account: Account
    has_factor: bool
    factors: tuple[TotpFactor, ...] | None = None
    identities: tuple[Identity, ...] | None = None

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
    depth: Depth = Depth.ROWS,
) -> Access:
    """Read what a request needs, in one statement. Raises NotFound for an unknown backend.

    The account is the session's, or the one with that address (then it is read whole, with its user
    row). Nothing is judged here but the API key's end.
    """
    values: dict[str, Any] = {"ref": ref}
    if api_key is not None:
        values["digest"] = key_digest(api_key)
    if session_id is not None:
        values["session_id"] = session_id
    if email_key is not None:
        values["email_key"] = email_key
        depth = Depth.WHOLE
    found = first_statement.read(values, depth)
    if found is None:
        raise NotFound("There is no such backend.")
    key = found.key
    return Access(
        backend=found.backend,
        key=key if key is not None and key.is_alive(clock.now()) else None,
        session=found.session,
        account=found.account,
        has_factor=found.has_factor,
        factors=found.factors,
        identities=found.identities,
    )


def key_digest(api_key: str) -> str:
    """What is stored of an API key. It has 256 random bits, so a plain hash is enough."""
    return sha256(api_key.encode("utf-8", "replace")).hexdigest()


def is_barred(account: Account, now: datetime) -> bool:
    """Whether an account may not be used: banned, deleted, or its host user is inactive."""
    active = account.__dict__.get("user_is_active", True)
    if "user" in account._state.fields_cache:
        active = getattr(account.user, "is_active", True)
    return account.is_barred(now) or not active
