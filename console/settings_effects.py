"""What a change of settings does: the sentences of its confirmation, and which are warnings.

Nothing here decides; the services do. What lowers the guard is said first, on a red button.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from console.consequences import Consequence
from console.settings_words import Change, changes
from console.words import lasting

Rule = Callable[[Any, Any], str]
"""A sentence about a setting's value before and after, or nothing."""


def describe(before: Mapping[str, Any], after: Mapping[str, Any]) -> Consequence:
    """The question before some settings change."""
    differing = changes(before, after)
    warnings, remarks = lowering(before, after), _said(_REMARKS, before, after)
    one = differing[0].name if len(differing) == 1 else ""
    return Consequence(
        question=f"Change “{one}”?" if one else f"Change {len(differing)} settings?",
        sentences=(*map(in_words, differing), *warnings, *remarks),
        act="Save",
        lowers=bool(warnings),
    )


def lowering(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What makes the backend less strict, a sentence each."""
    return _said(_WARNINGS, before, after)


def in_words(change: Change) -> str:
    return f"{change.name}: {change.before} → {change.after}."


def _said(
    rules: Mapping[str, Rule], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[str]:
    touched = [name for name in rules if name in after and before.get(name) != after[name]]
    sentences = [rules[name](before.get(name), after[name]) for name in touched]
    return [sentence for sentence in sentences if sentence]


def _on(sentence: str) -> Rule:
    return lambda before, after: sentence if after else ""


def _off(sentence: str) -> Rule:
    return lambda before, after: "" if after else sentence


def _more(sentence: str) -> Rule:
    """When a number rises, and when a limit goes away."""
    return lambda before, after: sentence if (before and not after) or after > before > 0 else ""


def _less(sentence: str) -> Rule:
    return lambda before, after: sentence if after < before else ""


def _added(before: Any, after: Any) -> str:
    added = [url for url in after or [] if url not in (before or [])]
    if not added:
        return ""
    return f"Whoever owns {' or '.join(added)} can receive the sessions of people who follow a link"


def _idle(before: Any, after: Any) -> str:
    if after and (not before or after < before):
        return f"Sessions that were left alone for {lasting(after)} or longer are over at once."
    return ""


_WARNINGS: Mapping[str, Rule] = {
    "auto_confirm": _on("Anybody can hold an account with an address that is not theirs."),
    "anonymous_enabled": _on("Anybody with the anon key can make accounts, as many as they like."),
    "password_min_length": _less("Shorter passwords are easier to guess."),
    "single_session": _off("A stolen session is no longer ended by the next sign-in."),
    "session_max_age": _more("A lost device stays signed in for longer."),
    "session_max_idle": _more("A lost device stays signed in for longer."),
    "aal2_max_age": _more("People are asked for a code less often."),
    "aal2_max_idle": _more("People are asked for a code less often."),
    "access_token_ttl": _more(
        "Servers that verify tokens themselves learn later that a session ended."
    ),
    "refresh_reuse_grace": lambda before, after: (
        "A stolen refresh token may work once more, for so long after its owner used it."
        if after > before
        else ""
    ),
    "token_claims": lambda before, after: (
        "Personal data is in every access token from now on."
        if set(after or []) - set(before or [])
        else ""
    ),
    "site_url": lambda before, after: (
        f"Mailed links bring people and their sessions to {after}." if after else ""
    ),
    "redirect_urls": lambda before, after: f"{said}." if (said := _added(before, after)) else "",
    "one_step_links": _on("Programs that look into mail can spend a link before its reader does."),
    "secure_email_change": _off(
        "Whoever gets into an open session can move the account to their own address."
    ),
    "mail_cooldown": _less("More mail can be sent to somebody who did not ask for it."),
    "mails_per_hour": lambda before, after: (
        "More mail can be sent to somebody who did not ask for it." if after > before else ""
    ),
}
_REMARKS: Mapping[str, Rule] = {
    "signup_enabled": _off("Who has an account is not affected."),
    "password_min_length": lambda before, after: (
        "Passwords that are in use stay; the next one has to be as long." if after > before else ""
    ),
    "single_session": _on("Open sessions stay until their account signs in again."),
    "session_max_age": lambda before, after: "Open sessions keep the end they have.",
    "session_max_idle": _idle,
    "access_token_ttl": lambda before, after: "Tokens that are out keep the end they have.",
}
