"""Addresses in parts, read so that no browser could read them in another way.

What leaves a doubt is refused, not repaired: nothing but printable ASCII,
``scheme://host[:port]/path?query``, no user info, no dot segments, IP addresses in one spelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address

MAX_LENGTH = 2000

PLAIN = re.compile(r"[\x21-\x7e]+")
UNSAFE = re.compile(r'[\\"<>`]')
WEB = re.compile(r"(https?)://([^/?]+)/?(.*)", re.IGNORECASE)
APP = re.compile(r"([a-z][a-z0-9+.-]{1,60}):(?://([^/?]*))?(/.*|\?.*)?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_HIDDEN = re.compile(r"%(?:2f|5c|7f|[01][0-9a-f])", re.IGNORECASE)
DEFAULT_PORTS = {"http": "80", "https": "443"}
NEVER = frozenset(
    "about blob content data file filesystem ftp intent jar javascript livescript mailto mhtml "
    "resource sms tel vbscript view-source ws wss wyciwyg".split()
)
"""Schemes that run code, read files or start something else than the app that was meant."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address in parts, or a pattern of such. ``rest`` is path and query, without fragment.

    ``port`` is empty where it is the scheme's own. Of an app's own scheme ``host`` may be empty.
    """

    scheme: str
    host: str
    port: str
    rest: str

    @property
    def origin(self) -> tuple[str, str, str]:
        return self.scheme, self.host, self.port

    @property
    def is_web(self) -> bool:
        return self.scheme in DEFAULT_PORTS

    @property
    def is_loopback(self) -> bool:
        own = self.host.startswith("127.") and self.is_address
        return own or self.host in ("localhost", "[::1]")

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address."""
        return self.host.startswith("[") or bool(_NUMBER.fullmatch(self.host.rpartition(".")[2]))


def parse(url: str) -> Place | None:
    """The parts of an address, or None for what is none, or could be read in two ways."""
    bare = url.partition("#")[0]
    if len(url) > MAX_LENGTH or not PLAIN.fullmatch(url) or UNSAFE.search(bare):
        return None
    place = _of_web(bare) or of_app(bare)
    return place if place is not None and is_plain_path(place.rest) else None


def _of_web(url: str) -> Place | None:
    match = WEB.fullmatch(url)
    if match is None:
        return None
    scheme = match[1].lower()
    host, port = authority(match[2].lower())
    if not is_host(host) or (port is not None and not is_port(port)):
        return None
    other_port = "" if port == DEFAULT_PORTS[scheme] else port or ""
    return Place(scheme, host, other_port, f"/{match[3]}")


def of_app(url: str) -> Place | None:
    """The parts of an address with an app's own scheme, or of a pattern of such."""
    match = APP.fullmatch(url)
    if match is None or match[1].lower() in NEVER | DEFAULT_PORTS.keys():
        return None
    place = Place(match[1].lower(), match[2] or "", "", match[3] or "")
    if "@" in place.host or "%" in place.host or not (place.host or place.rest):
        return None
    return place


def authority(text: str) -> tuple[str, str | None]:
    """Host and port as they are written; no port is None."""
    in_brackets, bracket, rest = text.rpartition("]")  # an IPv6 address has colons of its own
    name, colon, port = rest.partition(":")
    return in_brackets + bracket + name, port if colon else None


def is_host(host: str) -> bool:
    """Whether it is a plain ASCII name in lower case, or an IP address in its one spelling."""
    if host == "[::1]":
        return True
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    if not _NUMBER.fullmatch(labels[-1]):
        return True
    # What ends in a number is an IPv4 address to a browser, in all its old spellings: only the
    # plain one is accepted.
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def is_port(port: str) -> bool:
    """Whether it is a port without leading zeros."""
    return bool(_PORT.fullmatch(port)) and int(port) < 65536


def is_plain_path(rest: str) -> bool:
    """Whether no dot segment, separator or control character is in the path, written or encoded."""
    path = rest.partition("?")[0]
    if _HIDDEN.search(path):
        return False
    dots = re.sub("%2e", ".", path, flags=re.IGNORECASE)
    return not any(segment in (".", "..") for segment in dots.split("/"))
