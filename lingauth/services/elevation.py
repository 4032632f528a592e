"""Raising a session to ``aal2``: one step for every kind of second factor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lingauth.core.assurance import Method
from lingauth.core.errors import ChallengeExpired, SessionGone
from lingauth.models import Session
from lingauth.models.session import first_methods
from lingauth.services.access import SignedIn

_TRIES = 3


def elevate(
    me: SignedIn, method: Method, now: datetime, *, idempotency_key: str | None = None
) -> Session:
    """Claim the session's next generation at ``aal2``, inside the caller's transaction.

    A refresh that ran meanwhile is allowed for; another verification is not, since it spent the
    challenge. Raises SessionGone or ChallengeExpired; the caller's transaction then undoes all.

    Should the answer be lost, a refresh with the same ``idempotency_key`` gets what was made here.
    """
    session = me.session
    for _ in range(_TRIES):
        methods = with_proof(session, method, now)
        digest = session.digest_of_retry(idempotency_key)
        if Session.objects.elevate(session, now=now, methods=methods, retry_digest=digest):
            return raised(session, methods, now)
        current = Session.objects.filter(pk=session.pk, ended_at=None).first()
        if current is None:
            raise SessionGone
        if current.elevations != session.elevations:
            raise ChallengeExpired
        current.backend, current.account = me.backend, me.account
        session = current
    raise ChallengeExpired


def with_proof(session: Session, method: Method, now: datetime) -> list[dict[str, Any]]:
    """The session's methods with a second factor proven now, which stands first."""
    proof: dict[str, Any] = {"method": method.value, "timestamp": int(now.timestamp())}
    return [proof, *first_methods(session.methods)]


def raised(session: Session, methods: list[dict[str, Any]], now: datetime) -> Session:
    """The session as its row is after ``Session.objects.elevate``."""
    session.generation += 1
    session.elevations += 1
    session.methods = methods
    session.verified_at = session.refreshed_at = session.advanced_at = now
    session.advanced_by = Session.Step.VERIFICATION
    return session
