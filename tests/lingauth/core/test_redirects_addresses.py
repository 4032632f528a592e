"""Addresses of a site and its pages, and what is told by an address."""

from __future__ import annotations

import pytest

from lingauth.core import redirects

pytestmark = pytest.mark.once


def test_what_is_under_a_page() -> None:
    base = "http://192.0.2.1:8000/b/acme"
    assert redirects.is_under(f"{base}/account", base)
    assert redirects.is_under(f"{base}/account", f"{base}/")
    for url in (
        base, f"{base}-2/account", f"{base}/../other/account", "http://192.0.2.1/b/acme/a", "",
    ):  # fmt: skip
        assert redirects.is_under(url, base) is False
        assert redirects.is_under(base, url) is False


@pytest.mark.parametrize(
    "url", ["https://app.example.com", "http://localhost:3000", "http://127.0.0.1/", "com.app://a"]
)
def test_a_sites_address(url: str) -> None:
    redirects.check_site(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "An address such as"), ("app.example.com", "An address such as"),
        ("https://app.example.com/#", "An address such as"),
        ("https://app.example.com/*", "An address such as"),
        ("https://192.0.2.1/", "A name instead of an IP address"),
    ],
)  # fmt: skip
def test_what_is_no_sites_address(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        redirects.check_site(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "https://a.example?code=1+2"),
        ("https://a.example/b?c=d&e#f", "https://a.example/b?c=d&e&code=1+2"),
        ("https://a.example/?code=old&c%6Fde=old&codes=x", "https://a.example/?codes=x&code=1+2"),
        ("https://a.example/?code=a=b&code&c=d=e", "https://a.example/?c=d=e&code=1+2"),
        ("com.app:/cb", "com.app:/cb?code=1+2"),
    ],
)
def test_pairs_are_added_to_the_query(url: str, expected: str) -> None:
    assert redirects.with_query(url, {"code": "1 2"}) == expected


@pytest.mark.parametrize("fragment", ["", "#", "#c", "#c#d"])
def test_pairs_become_the_fragment(fragment: str) -> None:
    url = f"https://a.example/?b{fragment}"
    assert redirects.with_fragment(url, {"d": "e&f", "sb": ""}) == (
        "https://a.example/?b#d=e%26f&sb="
    )
