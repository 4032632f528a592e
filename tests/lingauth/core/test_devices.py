"""Devices in words, from what real clients send."""

from __future__ import annotations

import pytest

from lingauth.core.devices import device

pytestmark = pytest.mark.once

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
MOZILLA = "Mozilla/5.0"
IOS = "OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/140.0.0.0 Safari/537.36",
            "Chrome on macOS",
        ),
        (f"{MOZILLA} (X11; Linux x86_64) {WEBKIT} Chromium/140.0 Safari/537.36", "Chrome on Linux"),
        (f"{MOZILLA} (X11; CrOS x86_64) {WEBKIT} Chrome/140.0 Safari/537.36", "Chrome on ChromeOS"),
        (
            f"{MOZILLA} (Windows NT 10.0; Win64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (f"{MOZILLA} (Linux; Android 10; K) {WEBKIT} Chrome/140.0 EdgA/140.0", "Edge on Android"),
        (
            f"{MOZILLA} (iPhone; CPU iPhone {IOS} EdgiOS/140.0 Version/18.0 Safari/604.1",
            "Edge on iPhone",
        ),
        (f"{MOZILLA} (Windows NT 10.0) {WEBKIT} Chrome/140.0 OPR/120.0", "Opera on Windows"),
        (
            f"{MOZILLA} (Linux; Android 10; K) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0",
            "Samsung Internet on Android",
        ),
        (f"{MOZILLA} (X11; Ubuntu; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{MOZILLA} (iPhone; CPU iPhone {IOS} FxiOS/140.0 Mobile/15E148", "Firefox on iPhone"),
        (f"{MOZILLA} (iPad; CPU {IOS} CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on iPad"),
        (
            f"{MOZILLA} (iPhone; CPU iPhone {IOS} Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            f"{MOZILLA} (Macintosh; Intel) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        ("MyApp/1 (Mac OS X 15.0)", "macOS"),
        ("curl/8.10.1", "curl"),
        ("Python/3.13 aiohttp/3.12", "Python"),
        ("undici", "Node.js"),
        ("axios/1.7 (Node.js 22)", "Node.js"),
        ("okhttp/4.12.0", "Android app"),
        ("agent (Linux)", "Linux"),
        ("Dart/3.9 (dart:io)", "Flutter app"),
        ("MyApp/1 CFNetwork/3826.500.111 Darwin/24.4.0", "Apple app"),
        ("node", "Node.js"),
        ("python-httpx/0.28.1", "Python"),
        ("Mozilla/5.0 (Windows NT 10.0)", "Windows"),
        ("", ""),
        ("Evil\x1b[2J", ""),
    ],
)
def test_clients_are_named_in_words(agent: str, words: str) -> None:
    assert str(device(agent)) == words
