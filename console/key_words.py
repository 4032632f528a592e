"""What becomes of whom when a key is replaced or revoked: the text of the questions."""

from __future__ import annotations

from console.consequences import Consequence
from console.words import moment
from lingauth.models import ApiKey
from lingauth.services.keys import Standing, State

WHOSE = {"anon": "Apps", "service": "Servers"}


def on_replacing(key: ApiKey) -> Consequence:
    """A new key now; the old one works until everybody has the new one."""
    first = (
        "A new key is made, and shown once on the next page."
        if key.role == ApiKey.Role.SERVICE
        else "A new key is made. It is public, like the old one."
    )
    return Consequence(
        question=f"Replace {name(key)}?",
        sentences=(first, f"{WHOSE[key.role]} that use the old one need the new one. {used(key)}"),
        act="Replace the key",
    )


def on_revoking(key: ApiKey, *, last: bool) -> Consequence:
    """No way back. ``last``: no other key of the kind is left."""
    sentences = [f"Requests with it are refused from the next one on. {used(key)}"]
    if last:
        sentences.append(
            f"It is the last {key.role} key: {WHOSE[key.role].lower()} of this backend stop working"
            " until they have another."
        )
    sentences.append("There is no way back. To change it without a gap, replace it instead.")
    return Consequence(
        question=f"Revoke {name(key)}?",
        sentences=tuple(sentences),
        act="Revoke the key",
        lowers=True,
    )


def on_rotating_signing() -> Consequence:
    return Consequence(
        question="Rotate the signing key?",
        sentences=(
            "A new key is made. The one that signs now goes on verifying what it signed until the "
            "last of it has expired.",
            "Nobody is signed out, and no request fails.",
        ),
        act="Rotate the signing key",
    )


def on_revoking_signing(found: Standing) -> Consequence:
    """The emergency, for a key that somebody else may have."""
    first = "Every access token it signed is refused from the next request on, on every server."
    if found.state is State.PUBLISHED:
        first = "It has not signed anything yet, and never will."
    return Consequence(
        question=f"Revoke the signing key {found.key.kid[:8]}…?",
        sentences=(
            first,
            "A new key signs from now on. Nobody is signed out: apps refresh, and go on.",
            "Servers of yours that verify tokens themselves accept the old ones until they read "
            "the list of keys again, or until those expire. There is no way back.",
        ),
        act="Revoke the signing key",
        lowers=True,
    )


def name(key: ApiKey) -> str:
    """A key as people know it."""
    return f"the key “{key.label}” ({key.hint})" if key.label else f"the key {key.hint}"


def used(key: ApiKey) -> str:
    if key.last_used_at is None:
        return "It was never used."
    return f"It was last used on {moment(key.last_used_at)}."
