"""Who asks, and from where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from lingauth.conf import settings
from lingauth.models import Account, ApiKey, Event

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """What an event remembers of the request that caused it."""

    ip: str | None = None
    user_agent: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, event: Event) -> ClientInfo:
        """The client of the request that an event was drafted for."""
        return cls(event.ip, event.user_agent, event.request_id)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. ``label`` is for people; ``id`` finds the row."""

    kind: str
    id: str = ""
    label: str = ""

    @classmethod
    def account(cls, account: Account) -> Actor:
        return cls("account", str(account.uuid), account.label)

    @classmethod
    def operator(cls, user: Any) -> Actor:
        return cls("operator", str(user.pk), user.get_username())

    @classmethod
    def service(cls, key: ApiKey) -> Actor:
        return cls("service", key.hint, key.label or key.hint)

    @classmethod
    def system(cls, label: str) -> Actor:
        return cls("system", "", label)

    @classmethod
    def anonymous(cls) -> Actor:
        return cls("anonymous")


def client_info(request: HttpRequest) -> ClientInfo:
    """The request's client. Control characters are dropped, lengths are bounded."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    if not agent.isprintable():
        agent = "".join(c for c in agent if c.isprintable())
    return ClientInfo(
        ip=client_ip(request),
        user_agent=agent[:256],
        request_id=request_id(request),
    )


def request_id(request: HttpRequest) -> str:
    """The request's name, the same each time it is asked for: what our own proxies gave it in
    ``X-Request-Id``, if that is 8 to 64 letters, digits, dots, hyphens or underscores; else ours.
    """
    known: str | None = getattr(request, "lingauth_request_id", None)
    if known is None:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        is_theirs = _forwarded_for(request) is not None and _REQUEST_ID.fullmatch(given)
        known = given if is_theirs else uuid4().hex
        request.lingauth_request_id = known  # type: ignore[attr-defined]  # kept with the request
    return known


def client_ip(request: HttpRequest) -> str | None:
    """The client's address: from ``X-Forwarded-For`` only as far as our own proxies wrote it."""
    address = _forwarded_for(request)
    if address is None:
        address = request.META.get("REMOTE_ADDR", "")
    return _address(address) if len(address) <= _LONGEST_ADDRESS else None


_LONGEST_ADDRESS = 64
"""More than any has, with a zone: so what is remembered of them stays small."""


@lru_cache(maxsize=1024)
def _address(text: str) -> str | None:
    """An IP address in its one spelling; None for what is none."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _forwarded_for(request: HttpRequest) -> str | None:
    """Whom the first of our proxies spoke for; None for a request that did not pass all of them."""
    header = request.META.get("HTTP_X_FORWARDED_FOR")
    if not header or not settings.TRUSTED_PROXIES:
        return None
    hops = header.split(",")
    return (
        hops[-settings.TRUSTED_PROXIES].strip() if len(hops) >= settings.TRUSTED_PROXIES else None
    )
