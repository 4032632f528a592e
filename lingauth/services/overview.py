"""What the console shows of a backend's people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from lingauth.core import clock
from lingauth.models import Account, Backend, PolicyVersion, Session, Tally, TotpFactor
from lingauth.services.gate import WOULD_REFUSE

PAGE = 50


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account of the list."""

    account: Account
    factors: int
    sessions: int


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A page of the list, newest first. ``next`` is where the following one begins."""

    rows: Sequence[AccountRow]
    next: UUID | None


def account_rows(
    *,
    backend: Backend,
    query: str = "",
    without_mfa: bool = False,
    after: UUID | None = None,
    limit: int = PAGE,
) -> AccountPage:
    """The backend's accounts, newest first, paged by key: page 1,000 costs what page 1 does."""
    now = clock.now()
    accounts = Account.objects.filter(backend=backend, deleted_at=None)
    if query:
        accounts = accounts.filter(email_key__contains=query.strip().casefold())
    if without_mfa:
        factor = TotpFactor.objects.filter(account=OuterRef("pk"), confirmed=True)
        accounts = accounts.exclude(Exists(factor))
    if after is not None:
        last = Account.objects.filter(backend=backend, uuid=after).first()
        if last is not None:
            accounts = accounts.filter(pk__lt=last.pk)
    page = list(accounts.order_by("-pk")[: limit + 1])
    shown = page[:limit]
    open_session = Q(sessions__in=Session.objects.alive(now, backend))
    counts = {
        pk: (factors, sessions)
        for pk, factors, sessions in Account.objects.filter(pk__in=[a.pk for a in shown])
        .annotate(
            n_factors=Count("factors", filter=Q(factors__confirmed=True), distinct=True),
            n_sessions=Count("sessions", filter=open_session, distinct=True),
        )
        .values_list("pk", "n_factors", "n_sessions")
    }
    rows = [AccountRow(account, *counts[account.pk]) for account in shown]
    return AccountPage(rows, shown[-1].uuid if len(page) > limit else None)


def account_counts(*, backends: Sequence[Backend]) -> dict[int, int]:
    """How many accounts each backend has, by its id; a backend without any is left out."""
    counted = (
        Account.objects.filter(backend__in=backends, deleted_at=None)
        .values_list("backend_id")
        .annotate(Count("pk"))
        .order_by()
    )
    return dict(counted)


def would_refuse_today(*, backend: Backend) -> int:
    """How many requests of this UTC day passed only because the rule does not bite (yet)."""
    found = Tally.objects.filter(backend=backend, day=clock.now().date(), kind=WOULD_REFUSE)
    return found.values_list("count", flat=True).first() or 0


def policy_history(*, backend: Backend, limit: int = PAGE) -> list[PolicyVersion]:
    """The latest changes of the backend's settings, newest first."""
    return list(PolicyVersion.objects.filter(backend=backend)[:limit])
