"""Properties of the places a flow may return to, against a browser's reading of an address."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lingauth.core import redirects

pytestmark = pytest.mark.once

SITE = "https://app.example.com/home"
PATTERNS = (
    "https://*.previews.example.net/**",
    "https://**--shop.pages.example.org/cb",
    "https://partner.example/callback/*",
    "http://intranet.example/cb",
    "http://localhost:3000/**",
    "http://127.0.0.1/native",
    "https://any-port.example:*/x",
)


def host_as_a_browser_reads_it(url: str) -> str:
    """The host by the URL Standard's forgiving rules for the web, written apart from ours."""
    url = re.sub(r"[\t\n\r]", "", url.strip("".join(map(chr, range(33)))))
    match = re.match(r"(?i)(https?):[/\\]*([^/\\?#]*)", url)
    if match is None:
        return "(none)"
    host = match[2].rpartition("@")[2]
    host = re.sub(r":[^\]]*$", "", host)
    host = re.sub("%([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), host)
    for dot in "\u3002\uff0e\uff61":
        host = host.replace(dot, ".")
    return host.lower()


pieces = st.sampled_from(
    [
        "https", "http", "HTTPS", ":", "/", "//", "\\", "@", ".", "..", "?", "#", "%2e", "%2f",
        "%00", "\t", "\n", " ", "app.example.com", "app", "example", "com", "evil.example", "-",
        "127.0.0.1", "[::1]", ":443", ":3000", "*", "\u3002", "\u0430", "--shop.pages.example.org",
        "previews.example.net", "/cb", "/callback/", "x", "localhost",
    ]
)  # fmt: skip


@given(st.lists(pieces, max_size=12).map("".join) | st.text(max_size=30).map("https://".__add__))
@example("https://app.example.com\\@evil.example/")
def test_an_accepted_address_leads_a_browser_to_a_listed_host(url: str) -> None:
    if not redirects.is_allowed(url, SITE, PATTERNS):
        return
    host = host_as_a_browser_reads_it(url)
    named = {"app.example.com", "partner.example", "intranet.example", "localhost", "127.0.0.1"}
    assert (
        host in named | {"any-port.example"}
        or re.fullmatch(r"[^./]*\.previews\.example\.net", host)
        or re.fullmatch(r".*--shop\.pages\.example\.org", host)
    )


labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?", fullmatch=True)
hosts = st.lists(labels, min_size=2, max_size=4).map(".".join)


@settings(max_examples=50)
@given(
    hosts,
    hosts,
    st.sampled_from(["", "*.", "**.", "a*.", "*-b.", "**--c."]),
    st.sampled_from(["", "/", "/*", "/**", "**", "*", "/a*", "?*"]),
    st.sampled_from(["", "x.", "-x.", "x-b.", "y--c.", "@", "/@", ".", "x/"]),
    st.sampled_from(["/", "", "/a", "?b", "/" + "c" * 9]),
)
def test_a_pattern_never_matches_across_the_end_of_a_host(
    listed: str, other: str, wild: str, tail: str, before: str, path: str
) -> None:
    pattern = f"https://{wild}{listed}{tail}"
    for url in (
        f"https://{before}{other}{path}",
        f"https://{listed}{before}{other}{path}",
        f"https://{other}/{listed}{path}",
        f"https://{other}?{listed}{path}",
    ):
        if redirects.is_allowed(url, "", (pattern,)):
            host = host_as_a_browser_reads_it(url)
            assert host == listed or (wild and host.endswith(f".{listed}"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_makes_it_fail(url: str, pattern: str) -> None:
    assert redirects.is_allowed(url, pattern, (pattern,)) in (True, False)
