"""Removing what has expired. Nothing relies on it: expiry is judged at use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from lingauth.core import clock
from lingauth.models import (
    Flow,
    GuessLimit,
    MailJob,
    MailToken,
    RateLimit,
    Session,
    SigningKey,
    TotpFactor,
)
from lingauth.services import old_hashes, operators
from lingauth.services.factors import PENDING_FOR

_KEEP_UNKNOWN = timedelta(days=30)
_KEEP_MAILED = timedelta(days=1)
"""A link that came too late is told apart from one that never was, for as long."""
_KEEP_RATES = timedelta(hours=2)
"""The hour they count, and as much again for clocks that differ."""
_KEEP_FAILED_MAIL = timedelta(days=30)


def purge(*, now: datetime | None = None, batch: int = 1000) -> dict[str, int]:
    """Delete expired rows, ``batch`` at a time so that no transaction is long. Says how many.

    A session's row stays until its absolute end even after it was signed out: a replay of one of
    its tokens must be recognised until then. Counters of accounts and of operators stay; those of
    addresses that are nobody's go after a month. Events are not touched.
    """
    now = now or clock.now()
    expired: dict[str, models.QuerySet[Any]] = {
        "sessions": Session.objects.filter(expires_at__lte=now),
        "unfinished factors": TotpFactor.objects.filter(
            confirmed=False, created_at__lte=now - PENDING_FOR
        ),
        "signing keys": SigningKey.objects.filter(
            Q(expires_at__lte=now) | Q(revoked_at__lte=now - _KEEP_UNKNOWN)
        ),
        "guess counters": GuessLimit.objects.filter(
            account=None, kind__in=("password", "mail_code"), backend__isnull=False,
            updated_at__lte=now - _KEEP_UNKNOWN,
        ),
        "guess counters of the console": GuessLimit.objects.filter(
            backend=None, kind="password", updated_at__lte=now - _KEEP_UNKNOWN
        ).exclude(key__in=operators.guess_keys()),
        "mailed tokens": MailToken.objects.filter(expires_at__lte=now - _KEEP_MAILED).exclude(
            # What a confirmation that is mailed once more is to confirm.
            password__gt="", account__email_confirmed_at=None
        ),
        "flows": Flow.objects.filter(expires_at__lte=now - _KEEP_MAILED),
        "rates": RateLimit.objects.filter(last_at__lte=now - _KEEP_RATES),
        "failed mails": MailJob.objects.filter(failed_at__lte=now - _KEEP_FAILED_MAIL),
    }  # fmt: skip
    if apps.is_installed("django.contrib.sessions"):
        console = apps.get_model("sessions", "Session")
        expired["console sessions"] = console._default_manager.filter(expire_date__lte=now)
    gone = {name: _delete(rows, batch) for name, rows in expired.items()}
    return gone | {"kinds of old password hashes": old_hashes.forget()}


def _delete(rows: models.QuerySet[Any], batch: int) -> int:
    total = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:batch]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        total += len(keys)
    return total
