from __future__ import annotations

import pytest

from lingauth.core.devices import device

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/140.0.0.0 Safari/537.36",
            "Chrome on macOS",
        ),
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
