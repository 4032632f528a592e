"""Paying for a mail before it is asked for: a limit for the address, its asker and the backend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from lingauth.conf import settings
from lingauth.core.errors import DomainError
from lingauth.models import Backend, MailLimit
from lingauth.models.mail_limit import HOUR
from lingauth.services.context import ClientInfo
from lingauth.services.limits import must_commit_at_once

_NO_COOLDOWN = timedelta(0)
_IPV6_PREFIX = 64
"""What one customer of a network is given at least; within it they choose addresses freely."""


def claim(*, backend: Backend, email_key: str, client: ClientInfo, now: datetime) -> None:
    """Count one mail to the address, committed at once; whether anybody has it does not matter.

    The asker's network pays first, so that a refused asker uses up nothing of the address's.
    Raises DomainError ``over_email_send_rate_limit``, 429, with the seconds to wait. It refuses to
    run inside a transaction: a rollback there would give the mail back.
    """
    must_commit_at_once()
    if client.ip is not None:
        place = network(client.ip)
        _take(_Limit("network", place, settings.MAILS_PER_IP), backend, now)
    cooldown = timedelta(seconds=backend.mail_cooldown)
    _take(_Limit("address", email_key, backend.mails_per_hour, cooldown), backend, now)
    _take(_Limit("backend", "", settings.MAILS_PER_BACKEND), backend, now)


@dataclass(frozen=True, slots=True)
class _Limit:
    kind: str
    subject: str
    per_hour: int
    cooldown: timedelta = _NO_COOLDOWN

    def key(self, backend: Backend) -> str:
        """A digest that begins with the backend, so that tenants never share a row. No secret goes
        into it: a new root secret must not set any count back."""
        parts = (f"backend {backend.pk}", f"mail to {self.kind}", self.subject)
        return sha256("\n".join(parts).encode()).hexdigest()


def _take(limit: _Limit, backend: Backend, now: datetime) -> None:
    key = limit.key(backend)
    taken = MailLimit.objects.claim(
        key, backend_id=backend.pk, per_hour=limit.per_hour, cooldown=limit.cooldown, now=now
    )
    if not taken:
        wait = _wait(MailLimit.objects.filter(key=key).first(), limit, now)
        raise DomainError(
            f"For security purposes, you can only request this after {wait} seconds.",
            code="over_email_send_rate_limit",
            status=429,
            retry_after=wait,
        )


def _wait(row: MailLimit | None, limit: _Limit, now: datetime) -> int:
    """Whole seconds until the next claim can succeed, at least one."""
    if row is None:  # purged this moment
        return 1
    free_at = row.last_at + limit.cooldown
    if row.count >= limit.per_hour:
        free_at = max(free_at, row.began_at + HOUR)
    return max(1, ceil((free_at - now).total_seconds()))


def network(ip: str) -> str:
    """Who asks: an IPv4 address, or the network that an IPv6 address is one of many of."""
    address = ip_address(ip)
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address.packed, _IPV6_PREFIX), strict=False))
