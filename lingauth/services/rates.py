"""The rates that are counted by network or by backend: their keys, and where a request is from."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from lingauth.conf import settings
from lingauth.core.rates import Rate
from lingauth.models import Backend, RateLimit
from lingauth.services.context import ClientInfo

_MINUTE = timedelta(minutes=1)
_IPV6_PREFIX = 64
"""What one customer of a network is given at least; within it they choose addresses freely."""


def key_of(backend: Backend, what: str, subject: str) -> str:
    """A counter's name. No secret goes into it: a new root secret must not set any count back."""
    parts = (f"backend {backend.pk}", what, subject)
    return sha256("\n".join(parts).encode()).hexdigest()


def wrong_passwords(backend: Backend, client: ClientInfo) -> Rate | None:
    """How many wrong passwords may come from the client's network, whoever they are tried on; None
    where nobody knows where the request is from."""
    if client.ip is None:
        return None
    key = key_of(backend, "wrong passwords", network(client.ip))
    return Rate(key, settings.WRONG_PASSWORDS_PER_IP, _MINUTE)


def wait(rate: Rate, now: datetime) -> int:
    """Whole seconds until the next claim can succeed, at least one."""
    row = RateLimit.objects.filter(key=rate.key).first()
    if row is None:  # purged this moment
        return 1
    free_at = row.last_at + rate.cooldown
    if row.count >= rate.limit:
        free_at = max(free_at, row.began_at + rate.within)
    return max(1, ceil((free_at - now).total_seconds()))


def network(ip: str) -> str:
    """Who asks: an IPv4 address, or the network that an IPv6 address is one of many of."""
    address = ip_address(ip)
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address.packed, _IPV6_PREFIX), strict=False))
