"""Authentication for DRF views: ours, and any of a host project."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from lingauth.api import credentials
from lingauth.api.exceptions import Refused
from lingauth.api.principal import Principal, lazy_user
from lingauth.core.errors import (
    AccountBanned,
    BadToken,
    DomainError,
    NoAuthorization,
    SessionGone,
)
from lingauth.services.first_statement import Depth


class BackendJWTAuthentication(JWTAuthentication):
    """Authenticates by a LingAuth access token, an API key, or both.

    ``request.user`` is an instance of the host's user model that costs no statement until a field
    of it is read, or AnonymousUser for a bare key. ``request.auth`` is a ``Principal``. Signature,
    session, account and policy cost one statement together.

    A bad token never falls back to anonymous: it is answered 401 ``invalid_token`` (RFC 6750, 3.1).
    """

    def authenticate(self, request: Request) -> Any:
        kwargs = request.parser_context.get("kwargs", {})
        try:
            caller = credentials.identify(request._request, kwargs.get("ref"), depth=Depth.GATE)
            if caller.claims is None and caller.token_error is None:
                if caller.access.key is None:
                    return None
                return AnonymousUser(), Principal.of_key(caller.access)
            me = caller.signed_in()
        except (BadToken, SessionGone, AccountBanned):
            raise Refused(_INVALID_TOKEN) from None
        except NoAuthorization:
            return None
        except DomainError as error:
            raise Refused(error) from None
        return lazy_user(me), Principal.of_session(me)

    def authenticate_header(self, request: Request) -> str:
        """No credentials, no error attribute (RFC 6750, 3.1)."""
        return "Bearer"


_INVALID_TOKEN = DomainError(
    "This access token is not valid here, or no longer.",
    code="invalid_token",
    status=401,
    hint="Refresh the session, or sign in again.",
    challenge='Bearer error="invalid_token"',
)
