"""Calls to providers: bounded in time and size, without redirects, and to public addresses only."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from io import BufferedReader, RawIOBase
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from lingauth.conf import settings
from lingauth.core import places
from lingauth.core.places import Place

TIMEOUT = 5.0
"""Seconds for one call, from looking up the name to the last byte."""
MAX_BYTES = 512 * 1024
_NAT64 = IPv6Network("64:ff9b::/96")


class ProviderTrouble(Exception):
    """The provider could not be asked, or its answer cannot be used. The text is for the log."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object or array, and the status it came with."""

    status: int
    value: Any

    @property
    def members(self) -> dict[str, Any]:
        """The object of a 200. Raises ProviderTrouble for anything else."""
        if self.status != 200 or not isinstance(self.value, dict):
            raise ProviderTrouble(f"status {self.status}")
        return self.value


def call(
    url: str,
    *,
    method: str = "GET",
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request with a JSON answer. Raises ProviderTrouble."""
    ends = time.monotonic() + TIMEOUT
    place = acceptable(url)
    if place is None:
        raise ProviderTrouble("its address is not acceptable")
    sent = {"Accept": "application/json", "User-Agent": "LingAuth", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    connection = HTTPConnection(place.host, _port(place))
    connection.default_port = _default_port(place)  # which ``Host`` then leaves out
    try:
        connection.sock = _Bounded(_connected(place, ends), ends)
        connection.request(method, place.rest, body, sent)
        response = connection.getresponse()
        if 300 <= response.status < 400:
            raise ProviderTrouble("it redirects")
        text = response.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise ProviderTrouble("its answer is too large")
        return Answer(response.status, json.loads(text))
    except TimeoutError:
        raise ProviderTrouble("it took too long") from None
    except (OSError, HTTPException) as error:
        raise ProviderTrouble(type(error).__name__) from None
    except (ValueError, RecursionError):
        raise ProviderTrouble("its answer is not JSON") from None
    finally:
        connection.close()


def acceptable(url: str) -> Place | None:
    """The parts of an address that a provider may have; None for any other."""
    place = places.parse(url)
    schemes = ("https", "http") if settings.PROVIDER_PRIVATE_NETWORKS else ("https",)
    return place if place is not None and place.scheme in schemes else None


def _port(place: Place) -> int:
    return int(place.port) if place.port else _default_port(place)


def _default_port(place: Place) -> int:
    return int(places.DEFAULT_PORTS[place.scheme])


def _connected(place: Place, ends: float) -> socket.socket:
    """A connection to an address that was looked at, not to a name that may change meanwhile."""
    host = place.host.strip("[]")
    found = socket.getaddrinfo(host, _port(place), type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in found]
    if not (settings.PROVIDER_PRIVATE_NETWORKS or all(map(_is_public, addresses))):
        raise ProviderTrouble("its address is not public")
    plain = socket.create_connection((addresses[0], _port(place)), timeout=_left(ends))
    plain.settimeout(_left(ends))
    if place.scheme == "http":
        return plain
    return _tls().wrap_socket(plain, server_hostname=host)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _is_public(text: str) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return address.is_global and not address.is_multicast


def _left(ends: float) -> float:
    """Seconds left until then. Raises TimeoutError if there are none."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Bounded:
    """What an HTTP connection uses of a socket, within one deadline for all of it: a timeout of the
    socket alone begins anew with each byte."""

    def __init__(self, inner: socket.socket, ends: float) -> None:
        self.inner, self.ends = inner, ends

    def sendall(self, data: bytes) -> None:
        self.inner.settimeout(_left(self.ends))
        self.inner.sendall(data)

    def makefile(self, mode: str) -> BufferedReader:
        return BufferedReader(_Source(self.inner, self.ends))

    def close(self) -> None:
        self.inner.close()


class _Source(RawIOBase):
    def __init__(self, inner: socket.socket, ends: float) -> None:
        self.inner, self.ends = inner, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.inner.settimeout(_left(self.ends))
        return self.inner.recv_into(buffer)
