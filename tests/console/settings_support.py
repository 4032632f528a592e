"""The forms of the settings pages, as a browser sends them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

PAGE = "/backends/demo/settings"
SENT: dict[str, dict[str, Any]] = {
    "sign-in": {
        "signup_enabled": "on",
        "auto_confirm": "on",
        "mail_sign_in_enabled": "on",
        "manual_linking_enabled": "on",
        "password_min_length": 8,
    },
    "sessions": {
        "session_max_age": 30,
        "session_max_age_unit": 86400,
        "session_max_idle": 0,
        "session_max_idle_unit": 60,
        "aal2_max_age": 24,
        "aal2_max_age_unit": 3600,
        "aal2_max_idle": 60,
        "aal2_max_idle_unit": 60,
        "access_token_ttl": 5,
        "access_token_ttl_unit": 60,
        "refresh_reuse_grace": 0,
        "refresh_reuse_grace_unit": 1,
    },
    "links": {
        "site_url": "",
        "add": "",
        "secure_email_change": "on",
        "mail_cooldown": 60,
        "mail_cooldown_unit": 1,
        "mails_per_hour": 5,
    },
}
"""Each form as a browser sends it for a backend that ``demo`` is."""


def asking(section: str, without: tuple[str, ...] = (), **values: Any) -> str:
    """The address of a form with something changed in it. A box that is not ticked is not sent."""
    sent = {"version": 1, **SENT[section], **values}
    kept = {name: value for name, value in sent.items() if name not in without}
    return f"{PAGE}/{section}/review?{urlencode(kept, doseq=True)}"
