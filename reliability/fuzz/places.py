"""Where a secret may be: given to who asked for it, or a caller's own words, shown as they were."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from reliability.fuzz.sent import Answer

_SESSION: Final = {
    "access_token": "access token",
    "refresh_token": "refresh token",
    "provider_token": "provider's token",
    "provider_refresh_token": "provider's token",
}
GIVEN: Final[dict[str, dict[str, str]]] = {
    # A session's tokens, to who has just proven who they are.
    **dict.fromkeys(
        ("signUp", "getToken", "verifyMail", "verifyFactor", "verifyMfa", "verifyRecoveryCode"),
        _SESSION,
    ),
    # The seed of an authenticator, in this one answer.
    "enrollFactor": {"secret": "seed", "uri": "seed's address", "qr_code": "seed's picture"},
    # Recovery codes, in this one answer.
    "generateRecoveryCodes": {"codes": "recovery code"},
    "regenerateRecoveryCodes": {"codes": "recovery code"},
    # A server sends its mail itself, so it is told what the mail would say.
    "adminGenerateLink": {
        "action_link": "link's address",
        "email_otp": "mailed code",
        "hashed_token": "link",
    },
    # Where to send the browser: the address holds the one ticket.
    "linkIdentity": {"url": "ticket's address"},
    "beginStepUp": {"url": "ticket's address"},
}
"""By operation, the members of an answer that say something secret, wherever they are in it."""

LEADING: Final = {
    # The mail's own link, to the page with the button; or the flow's code, back to the app.
    "openLink": {"token", "token_hash", "type", "redirect_to", "code"},
    # What the provider has to bring back, and what an app says to it.
    "authorize": {"*"},
    # The flow's code, to the app.
    "callback": {"code"},
    # What the provider's form said, to the same address by GET.
    "callbackForm": {"state", "code", "iss", "error"},
}
"""By operation, the parameters of ``Location`` that may hold something secret."""
_NEW: Final = ("code", "state", "nonce")
"""Those of them that nobody had before."""

_LISTS: Final = frozenset(
    "access-control-allow-headers access-control-allow-methods access-control-expose-headers allow "
    "vary".split()
)
"""Headers that list names which everybody is told. One of them may be drawn as a secret."""

COOKIES: Final = {"authorize": "lingauth-flow-"}
"""By operation, the cookie that it sets: it binds the flow to the browser."""

OWN_WORDS: Final = frozenset(
    # An account's own metadata, name of a factor, addresses; a note; where a link is to lead.
    "user_metadata app_metadata friendly_name email new_email identity_data title body redirect_to "
    "user_agent".split()
)
"""Members of answers that show a caller what somebody of the account wrote, whatever it is."""

OWN_COLUMNS: Final = re.compile(
    r"(lingauth_account\.(user_metadata|app_metadata|email|email_key|new_email)"
    r"|lingauth_totpfactor\.name|lingauth_identity\.data|lingauth_flow\.(redirect_to|challenge)"
    r"|lingauth_mailtoken\.email_key|demo_note\.(title|body)|auth_user\.\w+)"
)
"""Where the database keeps those words."""


def event_text(row: Mapping[str, Any]) -> str:
    """An event, without the name that somebody gave to their own factor."""
    return json.dumps({**row, "data": _unnamed(row["data"])}, default=str)


def stored_text(place: str, value: bytes) -> bytes:
    """What a column holds, without somebody's own words; ``place`` is its table and name."""
    if OWN_COLUMNS.fullmatch(place):
        return b""
    if place == "lingauth_event.data":
        return json.dumps(_unnamed(json.loads(value))).encode()
    return value


def _unnamed(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "name"}


def is_quoting(path: str, answer: Answer) -> bool:
    """A refusal of the data API says which word of the query it did not understand, as the clients
    of that dialect expect, and ``Link`` repeats a list's query with the number of another page: to
    who sent it, and nowhere else."""
    return ("/rest/v1/" in path and answer.status >= 400) or answer.header("Link") is not None


def stripped(operation: str, answer: Answer) -> tuple[bytes, list[tuple[str, str]]]:
    """An answer without what may be in it, and the secrets that it gives away, by name."""
    given: list[tuple[str, str]] = []
    if answer.status >= 400:
        return _text(answer.headers, answer.body), given
    may_say = GIVEN.get(operation, {})
    headers = tuple(_header(operation, name, value, given) for name, value in answer.headers)
    body = answer.body
    if body[:1] in (b"{", b"["):
        kept = _walk(json.loads(body), may_say, given)
        body = json.dumps(kept, ensure_ascii=False).encode()
    return _text(headers, body), given


def _walk(value: Any, may_say: dict[str, str], given: list[tuple[str, str]]) -> Any:
    if isinstance(value, list):
        return [_walk(inner, may_say, given) for inner in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, inner in value.items():
        if name in may_say:
            given += [(may_say[name], text) for text in _texts(inner)]
        elif name not in OWN_WORDS:
            kept[name] = _walk(inner, may_say, given)
    return kept


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _header(operation: str, name: str, value: str, given: list[tuple[str, str]]) -> tuple[str, str]:
    if name.lower() == "location" and operation in LEADING:
        may_say, parts = LEADING[operation], urlsplit(value)
        pairs = [*parse_qsl(parts.query), *parse_qsl(parts.fragment)]
        given += [(f"address's {k}", v) for k, v in pairs if k in _NEW]
        if "*" in may_say:
            return name, ""
        return name, " ".join(f"{k}={v}" for k, v in pairs if k not in may_say)
    if name.lower() == "set-cookie" and value.startswith(COOKIES.get(operation, "\0")):
        given.append(("cookie", value.partition("=")[2].partition(";")[0]))
        return name, ""
    return name, value


def _text(headers: tuple[tuple[str, str], ...], body: bytes) -> bytes:
    said = [value for name, value in headers if name.lower() not in _LISTS]
    return "\n".join(said).encode(errors="replace") + b"\n" + body
