"""Addresses in parts: how each part is read, and the bounds of what is read at all."""

from __future__ import annotations

import pytest

from lingauth.core import places
from lingauth.core.places import Place

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://a.example", Place("https", "a.example", "", "/")),
        ("HTTPS://A.Example/B?C=D", Place("https", "a.example", "", "/B?C=D")),
        ("https://a.example?b", Place("https", "a.example", "", "/?b")),
        ("https://a.example//b", Place("https", "a.example", "", "//b")),
        ("https://a.example/b#c", Place("https", "a.example", "", "/b")),
        ('https://a.example/b#"c"', Place("https", "a.example", "", "/b")),
        ("http://a.example:80/", Place("http", "a.example", "", "/")),
        ("http://a.example:443/", Place("http", "a.example", "443", "/")),
        ("https://a.example:80/", Place("https", "a.example", "80", "/")),
        ("http://a.example:1/", Place("http", "a.example", "1", "/")),
        ("http://a.example:65535/", Place("http", "a.example", "65535", "/")),
        ("http://[::1]/", Place("http", "[::1]", "", "/")),
        ("http://[::1]:8000/", Place("http", "[::1]", "8000", "/")),
        ("http://192.0.2.1/", Place("http", "192.0.2.1", "", "/")),
        ("com.example.app://callback", Place("com.example.app", "callback", "", "")),
        ("com.example.app://Call/back?a", Place("com.example.app", "Call", "", "/back?a")),
        ("COM.example.app:/cb", Place("com.example.app", "", "", "/cb")),
        ("com.example.app:?cb", Place("com.example.app", "", "", "?cb")),
        ("com.example.app:///cb", Place("com.example.app", "", "", "/cb")),
        ("com.example.app://cb#token", Place("com.example.app", "cb", "", "")),
    ],
)
def test_the_parts_of_an_address(url: str, place: Place) -> None:
    assert places.parse(url) == place


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example:65536/", "http://a.example:0/", "http://a.example:/", "http://[::1]:/",
        "http://[::1]x/", "http://[::1]:80]/", "http://[::1/", "http://::1/", "http://a]:80/",
        "com.example.app:", "com.example.app://", "com.example.app:cb", "a:/cb",
        "com.example.app://me@host/cb", "com.example.app://me%40host/cb",
        "com.example.app:/a/%2E%2e/b", "MAILTO:/a", "about:/a", "wyciwyg:/a", "https:/a",
    ],
)  # fmt: skip
def test_what_leaves_a_doubt(url: str) -> None:
    assert places.parse(url) is None


def test_an_address_has_at_most_2000_characters() -> None:
    stem = "https://a.example/"
    assert places.parse(stem.ljust(2000, "a")) is not None
    assert places.parse(stem.ljust(2001, "a")) is None
    assert places.parse(f"{stem}#".ljust(2001, "a")) is None


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("a", True), ("a-b.example", True), ("a_b.example", True), ("1.example", True),
        ("xn--bcher-kva.example", True), ("192.0.2.1", True), ("127.0.0.1", True), ("[::1]", True),
        ("a" * 63 + ".example", True), ("a" * 64 + ".example", False),
        (".".join(["a" * 63] * 3 + ["b" * 61]), True),
        (".".join(["a" * 63] * 3 + ["b" * 62]), False),
        ("", False), ("a.", False), ("-a.example", False), ("a-.example", False),
        ("A.example", False), ("127.1", False), ("2130706433", False), ("0x7f.0.0.1", False),
        ("0x", False), ("127.0.0.01", False), ("256.0.0.1", False), ("a.1", False),
        ("[::2]", False),
    ],
)  # fmt: skip
def test_a_host_has_one_spelling(host: str, is_one: bool) -> None:
    assert places.is_host(host) is is_one


@pytest.mark.parametrize(
    ("rest", "is_plain"),
    [
        ("/", True), ("/a.b/..c/d..", True), ("/a?b=../c%2f", True), ("/a%20b", True), ("", True),
        ("/a/.", False), ("/a/../b", False), ("/%2e/", False), ("/.%2E", False),
        ("/%2E%2E/a", False), ("/a%2fb", False), ("/a%2Fb", False), ("/a%5cb", False),
        ("/a%7f", False), ("/a%0a", False), ("/a%1f", False),
    ],
)  # fmt: skip
def test_a_path_is_read_in_one_way(rest: str, is_plain: bool) -> None:
    assert places.is_plain_path(rest) is is_plain


@pytest.mark.parametrize(
    ("host", "is_address", "is_loopback"),
    [
        ("localhost", False, True), ("127.0.0.1", True, True), ("127.9.9.9", True, True),
        ("[::1]", True, True), ("192.0.2.1", True, False), ("127.a.example", False, False),
        ("localhost.example", False, False), ("1.example", False, False),
    ],
)  # fmt: skip
def test_hosts_that_are_addresses_and_those_of_this_machine(
    host: str, is_address: bool, is_loopback: bool
) -> None:
    place = Place("http", host, "", "/")
    assert (place.is_address, place.is_loopback) == (is_address, is_loopback)
