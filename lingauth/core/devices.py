"""A client's name for itself, in words that people know their devices by."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLIENTS = (
    (r"\bEdgA?(?:iOS)?/", "Edge"),
    (r"\bOPR/", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bFirefox/|\bFxiOS/", "Firefox"),
    (r"\bCriOS/|\bChrome/|\bChromium/", "Chrome"),
    (r"\bVersion/.*\bSafari/", "Safari"),
    (r"\bcurl/", "curl"),
    (r"\bpython-|\bPython/", "Python"),
    (r"^node\b|\bundici\b|\bNode\.js\b", "Node.js"),
    (r"\bokhttp/", "Android app"),
    (r"\bCFNetwork/", "Apple app"),
    (r"\bDart/", "Flutter app"),
)
_SYSTEMS = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bAndroid\b", "Android"),
    (r"\bWindows NT\b", "Windows"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bMacintosh\b|\bMac OS X\b", "macOS"),
    (r"\bLinux\b|\bX11\b", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """What made a session, as far as it says so itself; either part may be empty."""

    client: str
    system: str

    def __str__(self) -> str:
        """Such as "Chrome on macOS"; empty where nothing is known."""
        both = self.client and self.system
        return f"{self.client} on {self.system}" if both else self.client or self.system


def device(user_agent: str) -> Device:
    """A guess from ``User-Agent``, for people. Nothing is decided by it."""
    return Device(_first(_CLIENTS, user_agent), _first(_SYSTEMS, user_agent))


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, text)), "")
