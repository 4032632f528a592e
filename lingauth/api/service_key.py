"""The service key: what the admin routes ask for, and nothing else opens them."""

from __future__ import annotations

from django.http import HttpRequest

from lingauth.api import credentials
from lingauth.api.credentials import Caller, Credentials
from lingauth.core.errors import (
    BadToken,
    InvalidApiKey,
    InvalidRequest,
    NoAuthorization,
    NotAdmin,
)
from lingauth.models import ApiKey
from lingauth.services import access, api_keys
from lingauth.services.access import Access

_PREFIX = "lk_"


def identify(request: HttpRequest, ref: str) -> Access:
    """The backend of a request that presents its service key, as bearer, as ``apikey``, or both.

    A bearer that is such a key may stand beside the anon key of the same backend: some clients send
    the one of a header that was set before. Nothing that a browser sends gets in.

    Raises NoAuthorization without credentials, NotAdmin for good ones of another kind, and for bad
    ones what every other route says of them: BadToken, InvalidApiKey, InvalidRequest, SessionGone,
    AccountBanned; NotFound for an unknown backend.
    """
    sent = credentials.read(request)
    if sent.token is None or not sent.token.startswith(_PREFIX):
        return _by_header(credentials.identify(request, ref))
    return _by_bearer(request, ref, sent, sent.token)


def _by_header(caller: Caller) -> Access:
    key = caller.access.key
    if caller.claims is None and caller.token_error is None:
        if key is None:
            raise NoAuthorization
        if key.role == ApiKey.Role.SERVICE:
            return caller.access
        raise NotAdmin
    caller.signed_in()  # a token of nobody is told apart from somebody's
    raise NotAdmin


def _by_bearer(request: HttpRequest, ref: str, sent: Credentials, bearer: str) -> Access:
    found = access.read(ref=ref, api_key=bearer)
    if sent.api_key is not None:
        beside = access.read(ref=ref, api_key=sent.api_key).key
        if beside is None:
            raise InvalidApiKey
        if beside.role == ApiKey.Role.SERVICE:
            raise InvalidRequest("Send one service key.")
    if found.key is None:
        raise BadToken
    if found.key.role != ApiKey.Role.SERVICE:
        raise NotAdmin
    if "HTTP_ORIGIN" in request.META:
        raise credentials.in_browser()
    api_keys.touch(found.key)
    return found
