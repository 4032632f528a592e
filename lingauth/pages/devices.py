"""A browser's name for itself, in words."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

_BROWSERS = (
    (r"\bEdgA?(?:iOS)?/", "Edge"),
    (r"\bOPR/", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bFirefox/|\bFxiOS/", "Firefox"),
    (r"\bCriOS/|\bChrome/|\bChromium/", "Chrome"),
    (r"\bVersion/.*\bSafari/", "Safari"),
    (r"\bcurl/", "curl"),
    (r"\bpython-|\bPython/", "Python"),
    (r"\bokhttp/", "Android app"),
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


def device(user_agent: str) -> str:
    """Such as "Chrome on macOS". A guess for people; nothing is decided by it."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, text)), "")
