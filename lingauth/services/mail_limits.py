"""Paying for a mail before it is asked for: a limit for the address, its asker and the backend."""

from __future__ import annotations

from datetime import datetime, timedelta

from lingauth.conf import settings
from lingauth.core.errors import DomainError
from lingauth.core.rates import Rate
from lingauth.models import Backend, RateLimit
from lingauth.services import rates
from lingauth.services.context import ClientInfo
from lingauth.services.limits import must_commit_at_once


def claim(*, backend: Backend, email_key: str, client: ClientInfo, now: datetime) -> None:
    """Count one mail to the address, committed at once; whether anybody has it does not matter.

    The asker's network pays first, so that a refused asker uses up nothing of the address's.
    Raises DomainError ``over_email_send_rate_limit``, 429, with the seconds to wait. It refuses to
    run inside a transaction: a rollback there would give the mail back.
    """
    must_commit_at_once()
    if client.ip is not None:
        key = rates.key_of(backend, "mail to network", rates.network(client.ip))
        _take(Rate(key, settings.MAILS_PER_IP), backend, now)
    key = rates.key_of(backend, "mail to address", email_key)
    cooldown = timedelta(seconds=backend.mail_cooldown)
    _take(Rate(key, backend.mails_per_hour, cooldown=cooldown), backend, now)
    key = rates.key_of(backend, "mail to backend", "")
    _take(Rate(key, settings.MAILS_PER_BACKEND), backend, now)


def _take(rate: Rate, backend: Backend, now: datetime) -> None:
    if not RateLimit.objects.claim(rate, backend_id=backend.pk, now=now):
        wait = rates.wait(rate, now)
        raise DomainError(
            f"For security purposes, you can only request this after {wait} seconds.",
            code="over_email_send_rate_limit",
            status=429,
            retry_after=wait,
        )
