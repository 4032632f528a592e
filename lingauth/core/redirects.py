"""Where a browser may be sent back to: the site of a backend, and patterns of other places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote_plus, urlencode

from lingauth.core import places
from lingauth.core.places import Place, parse

MAX_PATTERN_LENGTH = 500


def is_allowed(url: str, site_url: str, patterns: Iterable[str]) -> bool:
    """Whether ``url`` is on the site (same scheme, host and port; the port does not matter on
    loopback), or matches a pattern. Other IP addresses than loopback never do."""
    place, site = parse(url), parse(site_url)
    if place is None or (place.is_web and place.is_address and not place.is_loopback):
        return False
    if site is not None and _same_site(place, site):
        return True
    return any(_matches(place, pattern) for pattern in patterns)


def is_under(url: str, base: str) -> bool:
    """Whether ``url`` is a page below ``base``, whatever kind of host that has."""
    place, root = parse(url), parse(base)
    if place is None or root is None or place.origin != root.origin:
        return False
    return place.rest.startswith(root.rest.removesuffix("/") + "/")


@lru_cache(maxsize=4096)
def read_pattern(pattern: str) -> Place:
    """A pattern in parts: ``*`` stands for anything but ``.`` and ``/``, ``**`` for anything, each
    within its part. Raises ValueError with a sentence for the operator."""
    if not pattern or len(pattern) > MAX_PATTERN_LENGTH:
        raise ValueError(f"A pattern has 1 to {MAX_PATTERN_LENGTH} characters.")
    if not places.PLAIN.fullmatch(pattern) or places.UNSAFE.search(pattern) or "#" in pattern:
        raise ValueError(
            f"{pattern!r}: printable ASCII without spaces, quotes, backslashes and #. "
            "A name in another script is written in its xn-- form."
        )
    place = _web_pattern(pattern) or places.of_app(pattern)
    if place is None:
        raise ValueError(
            f"{pattern!r}: addresses of this kind are never accepted. A pattern is written like "
            "https://app.example.com/** or com.example.app://callback."
        )
    if not places.is_plain_path(place.rest):
        raise ValueError(f"{pattern!r}: the path has a dot segment or an encoded separator.")
    return place


def check_site(url: str) -> None:
    """Raises ValueError, with a sentence, for what cannot be a site's address."""
    place = parse(url)
    if place is None or "#" in url or "*" in url:
        raise ValueError("An address such as https://app.example.com, without * and #.")
    if place.is_web and place.is_address and not place.is_loopback:
        raise ValueError("A name instead of an IP address; only loopback addresses are accepted.")


def with_query(url: str, pairs: Mapping[str, str]) -> str:
    """The address without its fragment, with these pairs in the query in place of any that were
    there under the same names."""
    head, _, query = url.partition("#")[0].partition("?")
    kept = [part for part in query.split("&") if part and _name(part) not in pairs]
    return f"{head}?{'&'.join([*kept, urlencode(pairs)])}"


def with_fragment(url: str, pairs: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    """The address with these pairs as its fragment."""
    return f"{url.partition('#')[0]}#{urlencode(pairs)}"


def _web_pattern(pattern: str) -> Place | None:
    match = places.WEB.fullmatch(pattern)
    if match is None:
        return None
    scheme = match[1].lower()
    host, port = places.authority(match[2].lower())
    if port == places.DEFAULT_PORTS[scheme]:
        port = None
    if port is not None and port != "*" and not places.is_port(port):
        raise ValueError(f"{pattern!r}: the port is a number or *.")
    place = Place(scheme, host, port or "", f"/{match[3]}")
    if not places.is_host(host.replace("*", "x")):
        raise ValueError(f"{pattern!r}: this host is not a plain ASCII name.")
    if place.is_address and not place.is_loopback:
        raise ValueError(f"{pattern!r}: of IP addresses only loopback ones are accepted.")
    if "*" not in host:
        return place
    fixed = [label for label in host.split(".")[-2:] if "*" not in label]
    if len(fixed) < 2:
        raise ValueError(
            f"{pattern!r} would match hosts of anybody. The last two parts of the host are written "
            "out, and a slash comes before what follows: https://*.example.com/**."
        )
    if scheme == "http":
        raise ValueError(f"{pattern!r}: with http:// the whole host is written out.")
    return place


def _matches(place: Place, pattern: str) -> bool:
    try:
        rule = read_pattern(pattern)
    except ValueError:
        return False
    if place.scheme != rule.scheme:
        return False
    if not place.is_web:
        return _glob(f"//{rule.host}{rule.rest}", f"//{place.host}{place.rest}")
    # A native app listens where it finds a free port (RFC 8252 section 7.3).
    any_port = rule.port == "*" or (rule.is_loopback and not rule.port)
    if not any_port and place.port != rule.port:
        return False
    return _glob(rule.host, place.host) and _glob(rule.rest, place.rest)


def _same_site(place: Place, site: Place) -> bool:
    ports = place.port == site.port or site.is_loopback
    return ports and (place.scheme, place.host) == (site.scheme, site.host)


def _glob(pattern: str, text: str) -> bool:
    """All positions in the pattern at once, a bit each: the time is linear, whatever is sent."""
    literals: dict[str, int] = {}
    within = across = 0
    tokens = re.findall(r"\*+|[^*]", pattern)
    for place, token in enumerate(tokens):
        if token == "*":
            within |= 1 << place
        elif token.startswith("*"):
            across |= 1 << place
        else:
            literals[token] = literals.get(token, 0) | 1 << place
    stars = within | across
    states = 1 | (stars & 1) << 1
    for char in text:
        stays = states & (across if char in "./" else stars)
        states = stays | (states & literals.get(char, 0)) << 1
        states |= (states & stars) << 1
    return bool(states >> len(tokens) & 1)


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0])
