"""The places a flow may return to: what is accepted, and every trick that is not."""

from __future__ import annotations

import time

import pytest

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
    "com.example.app://callback",
    "com.example.app:/oauth/*",
    "exp://127.0.0.1:19000/--/**",
)


def allowed(url: str, site: str = SITE, patterns: tuple[str, ...] = PATTERNS) -> bool:
    return redirects.is_allowed(url, site, patterns)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com", "https://app.example.com/", "https://app.example.com/any/where",
        "https://app.example.com?x=1", "https://app.example.com:443/a", "HTTPS://APP.example.COM/a",
        "https://app.example.com/a?next=https%3A%2F%2Felsewhere.example%2F#fragment",
        "https://one.previews.example.net/", "https://one.previews.example.net/a/b.html?c=d/e",
        "https://a.b--shop.pages.example.org/cb", "https://partner.example/callback/done",
        "http://intranet.example/cb", "http://localhost:3000/cb", "http://127.0.0.1/native",
        "http://127.0.0.1:49152/native", "https://any-port.example/x",
        "https://any-port.example:8443/x", "com.example.app://callback",
        "https://partner.example/callback/",
        "COM.example.app://callback", "com.example.app:/oauth/done", "exp://127.0.0.1:19000/--/a/b",
    ],
)  # fmt: skip
def test_a_place_that_is_listed(url: str) -> None:
    assert allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        # Another host, however near
        "https://evil.example/", "https://app.example.com.evil.example/", "https://example.com/",
        "https://evilapp.example.com/", "https://app.example.com:444/", "http://app.example.com/",
        "https://previews.example.net/", "https://a.b.previews.example.net/",
        "https://evil-previews.example.net/", "https://eartner.example/callback/a",
        "https://zartner.example/callback/a", "https://partner.example.evil.example/callback/a",
        "https://intranet.example/cb", "http://intranet.example:8000/cb",
        "http://localhost:3001/cb", "https://localhost:3000/cb", "http://localhost.evil.example/",
        # Another path
        "https://partner.example/callback/a.b",
        "https://partner.example/callback/a/b", "https://partner.example/callback",
        "https://partner.example/other", "com.example.app://other", "com.example.app:callback",
        # User information
        "https://app.example.com@evil.example/", "https://app.example.com:pw@evil.example/",
        "https://evil.example@app.example.com/", "https://@app.example.com/",
        # What browsers read as a slash, or skip
        "https:\\\\app.example.com/", "https://app.example.com\\@evil.example/",
        "https://evil.example\\app.example.com/", "https:/app.example.com/",
        "https:app.example.com/", "https:///app.example.com/", "https:evil.example",
        "//app.example.com/", "//evil.example/", "/\\evil.example", "///evil.example", "/relative",
        "\\\\evil.example", "https://\tapp.example.com/", "https://app.exa\nmple.com/",
        "https://app.example.com/\r\nSet-Cookie: a=b", " https://app.example.com/",
        "https://app.example.com/ ", "https://app.example.com/\x00", "\x01https://app.example.com/",
        "https://app.example.com/\u2028", "https://app.example.com/\u00e9",
        # Spellings of a host
        "https://app.example.com./", "https://app..example.com/", "https://.app.example.com/",
        "https://app%2eexample.com/", "https://%61pp.example.com/", "https://app\u3002example.com/",
        "https://app\uff0eexample\uff61com/", "https://\u0430pp.example.com/",
        "https://\uff41pp.example.com/", "https://app.example\u2024com/", "https://app.e%78ample.com/",
        "https://app.example.com%00.evil.example/", "https://app.example.com%2f.evil.example/",
        "https://app.example.com:443:443/", "https://app.example.com:/",
        "https://app.example.com:0443/", "https://app.example.com:99999/",
        "https://app.example.com:44\u0663/", "https://[::1/", "https://", "https:///", "https://:443/",
        "https://?x", "https://#x", "",
        # Paths that are read as others
        "https://app.example.com/a/../b", "https://partner.example/callback/%2e%2e",
        "https://partner.example/callback/.%2E", "https://partner.example/callback/a%2fb",
        "https://partner.example/callback/a%5Cb", "http://localhost:3000/a/./b",
        "https://app.example.com/a%0d%0ab", "com.example.app:/oauth/../x",
        "https://partner.example/callback/a\\b", "https://app.example.com/a\\..\\b",
        "https://app.example.com/?a=\"><script>", "com.example.app:/oauth/a\\b",
        # IP addresses
        "https://192.0.2.1/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/",
        "http://127.1/native", "http://2130706433/native", "http://0x7f.0.0.1/native",
        "http://0177.0.0.1/native", "http://127.0.0.1.evil.example/native", "http://0/native",
        "http://[::ffff:127.0.0.1]/native", "http://[0:0:0:0:0:0:0:1]/native", "http://[fe80::1]/",
        "http://\u0661\u0662\u0667.0.0.1/native", "http://127.0.0.01/native", "http://127.0.0.1./native",
        # Schemes
        "javascript:alert(1)", "javascript://app.example.com/%0aalert(1)", "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
        "blob:https://app.example.com/1", "ftp://app.example.com/", "ws://app.example.com/",
        "other.app://callback", "view-source:https://app.example.com/",
        "intent://app.example.com/#Intent;end", "com.example.app://evil@callback",
        # Length
        "https://app.example.com/" + "a" * 2000,
    ],
)  # fmt: skip
def test_a_trick(url: str) -> None:
    assert not allowed(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"])
def test_the_port_does_not_matter_on_a_loopback_site(host: str) -> None:
    assert allowed(f"http://{host}:5173/cb", f"http://{host}:3000", ())
    assert not allowed(f"https://{host}:5173/cb", f"http://{host}:3000", ())


def test_an_ip_address_is_refused_even_if_it_is_the_site() -> None:
    assert not allowed("http://192.0.2.1/", "http://192.0.2.1/", ("http://192.0.2.1/**",))


def test_a_name_that_begins_like_a_loopback_address_is_none() -> None:
    assert not allowed("https://127.evil.example:8443/", "https://127.evil.example/", ())


def test_an_apps_own_scheme_can_be_the_site() -> None:
    assert allowed("com.example.app://home/x", "com.example.app://home", ())
    assert not allowed("com.example.app://other", "com.example.app://home", ())


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "file:///a", "vbscript:x", "blob:https://a/b"],
)
def test_a_scheme_that_runs_code_is_refused_even_if_it_is_listed(url: str) -> None:
    assert not allowed(
        url, url, (url, f"{url.partition(':')[0]}:/**", f"{url.partition(':')[0]}://**")
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "", "*", "**", "***", "https://**", "https://*", "https://*/**", "https://**/**", "http*://a.example",
        "*://app.example.com", "https://*.com/**", "https://app.*/**", "https://app.example.*/",
        "https://**example.com/", "https://*example.com/", "https://app.example.com**",
        "https://app.example.com*", "https://app.example.com:**/", "https://app.example.com:30*/",
        "http://*.example.com/", "https://*.0.0.1/", "http://10.0.0.1/**", "http://192.168.*.*/",
        "https://user@app.example.com/", "https://app.example.com@*/", "//app.example.com/**",
        "/callback", "app.example.com", "https:app.example.com", "https:///**", "https://app_.example.com./",
        "https://b\u00fccher.example/", "https://app.example.com/a b", "https://app.example.com/\\",
        "https://app.example.com/#x", "https://app.example.com/../x", "javascript:/**", "javascript://**",
        "data:/**", "file:///**", "com.example.app:", "https://" + "a" * 500 + ".example.com",
        "https://[::2]/", "https://[*]/", "https://*.-a.example/", "https://*..example.com/",
        "https://*.a%2e.example/", "https://*.example.1/", "com.example.app://a@b/c",
        "com.example.app://a%40b/c", "com.example.app://", "https://a.example:0/",
        "https://a.example:65536/", "https://a.example:/", "a" * 501,
    ],
)  # fmt: skip
def test_a_pattern_that_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".{20}\.") as refusal:
        redirects.read_pattern(pattern)
    is_read = 1 <= len(pattern) <= 500
    assert str(refusal.value).startswith(repr(pattern) if is_read else "A pattern has 1 to 500 ")
    assert not allowed("https://evil.example/", SITE, (pattern,))


@pytest.mark.parametrize(
    "pattern",
    [
        *PATTERNS,
        "https://*.a.example:8443",
        "myapp://**",
        "http://[::1]:*/",
        "https://*.1.example/",
        "https://a.example/".ljust(500, "a"),
    ],
)
def test_a_pattern_that_is_fine(pattern: str) -> None:
    redirects.read_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "rest", "matches"),
    [
        ("/*", "/a", True), ("/*", "/", True), ("/*", "/a/b", False), ("/*", "/a.b", False),
        ("/**", "/a/b.c?d=e", True), ("/**/done", "/a/b/done", True), ("/**/done", "/done", False),
        ("/*/x/*", "/a/x/b", True), ("/*/x/*", "/a/y/b", False), ("/a*b", "/ab", True),
        ("/a*b", "/a.b", False), ("/a?x=*", "/a?x=1", True), ("/a", "/a?x=1", False),
        ("/a+(b)|c", "/a+(b)|c", True), ("/a[b]", "/ab", False), ("/**/x/**", "/a/b/x/c.d/e", True),
        ("/**/x/**", "/a/b/y/c", False), ("/*", "/AXZ", True), ("", "/", True),
        ("?a=*", "/?a=b", True),
    ],
)  # fmt: skip
def test_globbing(pattern: str, rest: str, matches: bool) -> None:
    url = f"https://globs.example{rest}"
    assert allowed(url, SITE, (f"https://globs.example{pattern}",)) is matches


def test_a_star_may_stand_for_nothing_even_at_the_beginning() -> None:
    for star in ("*", "**"):
        assert allowed("https://shop.a.example/", SITE, (f"https://{star}shop.a.example/",))
        assert not allowed("https://hop.a.example/", SITE, (f"https://{star}shop.a.example/",))


@pytest.mark.parametrize("port", ["", ":443"])
def test_a_schemes_own_port_may_be_written_or_not(port: str) -> None:
    patterns = (f"https://ported.example{port}/cb",)
    assert allowed("https://ported.example/cb", SITE, patterns)
    assert allowed("https://ported.example:443/cb", SITE, patterns)
    assert not allowed("https://ported.example:8443/cb", SITE, patterns)
    assert not allowed("http://ported.example:443/cb", SITE, patterns)


def test_a_pattern_full_of_stars_takes_linear_time() -> None:
    pattern = "https://slow.example/" + "**a" * 150
    began = time.perf_counter()
    assert not allowed("https://slow.example/" + "a" * 1950 + "b", SITE, (pattern,))
    assert time.perf_counter() - began < 1
