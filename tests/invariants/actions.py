"""Words that several invariants are said in."""

from __future__ import annotations

from typing import Any

from lingauth.models import Backend, Event, RecoveryCode, Session, TotpFactor
from lingauth.services import policy
from lingauth.services.backends import NewBackend
from tests.support.app import App
from tests.support.people import ACTOR, Person

PROOFS = ("factor_enrolled", "factor_verified", "recovery_code_used")
"""The events that raise a session."""


def require_mfa(backend: Backend, mode: str = "required") -> None:
    policy.change(backend_id=backend.pk, changes={"mfa_mode": mode}, actor=ACTOR)


def app_of(made: NewBackend, person: Person) -> App:
    """An app that holds the person's newest tokens."""
    grant = person.grant
    tokens = {"access_token": grant.access_token, "refresh_token": grant.refresh_token}
    return App(made.backend.ref, made.anon_key, session=tokens)


def unproven_levels(backend: Backend | None = None) -> list[Session]:
    """Sessions at ``aal2`` (of one backend, or of all) for which nothing was proven in that very
    session at that very time, by that account at that backend. There may never be one."""
    raised = Session.objects.exclude(verified_at=None).select_related("account")
    if backend is not None:
        raised = raised.filter(backend=backend)
    return [
        session
        for session in raised
        if session.verified_at is None
        or session.account.backend_id != session.backend_id
        or not Event.objects.filter(
            kind__in=PROOFS,
            result="ok",
            session_id=session.pk,
            account_uuid=session.account.uuid,
            backend_id=session.backend_id,
            at=session.verified_at,
        ).exists()
    ]


def second_factors(person: Person) -> Any:
    """Everything an account could prove a second time with, byte for byte."""
    factors = TotpFactor.objects.filter(account=person.account, confirmed=True)
    codes = RecoveryCode.objects.filter(set__account=person.account)
    return (
        [(f.uuid, f.name, bytes(f.secret), f.last_step) for f in factors.order_by("pk")],
        [(c.set.uuid, c.position, bytes(c.digest), c.used_at) for c in codes.order_by("pk")],
    )
