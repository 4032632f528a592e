"""A backend's settings in words, for the history: what it is called, and what its value means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.words import lasting, moment

MODES = {"optional": "Not required", "observe": "Observing", "required": "Required"}


@dataclass(frozen=True, slots=True)
class Change:
    """One setting, before and after, in words."""

    name: str
    before: str
    after: str


def _mode(value: Any) -> str:
    return MODES.get(str(value), str(value))


def _start(value: Any) -> str:
    if value is None:
        return "At once"
    try:
        return moment(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _seconds(value: Any) -> str:
    return lasting(value) if value else "None"


def _yes(value: Any) -> str:
    return "Yes" if value else "No"


def _text(value: Any) -> str:
    return str(value) if value else "None"


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) and value else "None"


NAMES: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "mfa_mode": ("MFA for signed-in users", _mode),
    "mfa_starts_at": ("Start", _start),
    "mfa_grace": ("Time to set up", _seconds),
    "auto_confirm": ("New addresses count as confirmed", _yes),
    "signup_enabled": ("Anybody may sign up", _yes),
    "password_min_length": ("Shortest password", str),
    "access_token_ttl": ("Life of an access token", _seconds),
    "refresh_reuse_grace": ("Grace for a repeated refresh", _seconds),
    "session_max_age": ("Longest session", _seconds),
    "aal2_max_age": ("A code counts for", _seconds),
    "aal2_max_idle": ("A code counts, unused, for", _seconds),
    "token_claims": ("Extra claims in tokens", _words),
    "single_session": ("One session per account", _yes),
    "session_max_idle": ("Longest pause", _seconds),
    "mail_sign_in_enabled": ("Signing in by mail", _yes),
    "anonymous_enabled": ("Anonymous sign-in", _yes),
    "manual_linking_enabled": ("Adding and removing providers", _yes),
    "site_url": ("Your site", _text),
    "redirect_urls": ("Other places links may lead to", _words),
    "one_step_links": ("Opening a link spends it", _yes),
    "secure_email_change": ("Both addresses confirm a change", _yes),
    "mail_cooldown": ("Pause between two mails", _seconds),
    "mails_per_hour": ("Mails per hour", str),
}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs, in the order above; a setting without a name of its own comes last."""
    touched = {name for name in (*before, *after) if before.get(name) != after.get(name)}
    ordered = [name for name in NAMES if name in touched] + sorted(touched - NAMES.keys())
    return [_change(name, before.get(name), after.get(name)) for name in ordered]


def _change(name: str, before: Any, after: Any) -> Change:
    title, say = NAMES.get(name, (name, str))
    return Change(title, say(before), say(after))
