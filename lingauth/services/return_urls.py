"""Where a browser returns to with the outcome of a link or of a provider's answer.

The published clients read these: tokens from the fragment, which browsers send to no server; a
PKCE code from the query.
"""

from __future__ import annotations

from collections.abc import Mapping

from lingauth.core.errors import DomainError
from lingauth.core.redirects import with_fragment, with_query
from lingauth.services.grants import Grant

_ERRORS = {
    400: "invalid_request",
    401: "unauthorized_client",
    403: "access_denied",
    500: "server_error",
    503: "temporarily_unavailable",
}
"""RFC 6749 section 4.1.2.1 by status. For any other status no ``error`` is told."""


def of_grant(target: str, grant: Grant, type: str = "") -> str:
    """The session in the fragment. ``type`` is the link's: ``signup``, ``recovery`` and so on."""
    pairs = {
        "access_token": grant.access_token,
        "expires_at": str(grant.expires_at),
        "expires_in": str(grant.expires_in),
        "provider_refresh_token": grant.provider_refresh_token,
        "provider_token": grant.provider_token,
        "refresh_token": grant.refresh_token,
        "token_type": "bearer",
        "type": type,
    }
    return _fragment(target, {name: value for name, value in pairs.items() if value})


def of_code(target: str, code: str) -> str:
    """A code that the app trades for the session, with its PKCE verifier (RFC 7636)."""
    return with_query(target, {"code": code})


def of_error(target: str, error: DomainError, pkce: bool) -> str:
    """What went wrong, in the fragment; with PKCE in the query too."""
    told = {"error_code": error.code, "error_description": error.message}
    if name := _ERRORS.get(error.status):
        told = {"error": name, **told}
    return _fragment(with_query(target, told) if pkce else target, told)


def of_message(target: str, text: str, pkce: bool) -> str:
    """A sentence where there is no session yet, as after the first of two confirmations."""
    return with_query(target, {"message": text}) if pkce else _fragment(target, {"message": text})


def _fragment(target: str, pairs: Mapping[str, str]) -> str:
    """In order of names, with the empty ``sb``, by which apps know that a fragment is ours."""
    return with_fragment(target, sorted({**pairs, "sb": ""}.items()))
